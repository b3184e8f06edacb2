"""The instruments: ipywidgets around one call of what is numbers only, and one view. One lab a file."""
