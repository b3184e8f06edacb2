"""The instruments: ipywidgets around one core call and one view. One lab a file."""
