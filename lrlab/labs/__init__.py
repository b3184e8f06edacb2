"""The instruments: widgets around one call of numbers and one view. One lab a file."""
