"""The same `Run` from real Keras: a real model, its own optimizer, the real callback. TensorFlow loads here only."""
