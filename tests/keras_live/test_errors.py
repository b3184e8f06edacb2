"""What is told of an error in a user's model."""

import pytest

from lrlab.keras_live.errors import explain


def raised(function):
    try:
        function()
    except Exception as error:
        return error


def test_the_kind_the_message_and_the_users_own_line():
    def get_model():
        return undefined_name  # noqa: F821

    told = explain(raised(get_model)).splitlines()
    assert told[0] == "NameError: name 'undefined_name' is not defined"
    assert told[1].startswith("in get_model, line ")
    assert told[1].endswith("return undefined_name  # noqa: F821")


def test_an_error_inside_a_compiled_function_is_found_among_a_hundred_lines():
    tf = pytest.importorskip("tensorflow")

    def boom(x):
        raise RuntimeError("in the third epoch")

    graph = tf.function(lambda x: tf.numpy_function(boom, [x], tf.float32))
    error = raised(lambda: graph(tf.constant(1.0)))
    assert len(str(error).splitlines()) > 15
    told = explain(error)
    assert "RuntimeError: in the third epoch" in told
    assert "site-packages" not in told
    assert "[[{{" not in told
    assert len(told.splitlines()) <= 5


def test_colours_and_arguments_are_left_out():
    error = ValueError("Wrong \x1b[1mshape\x1b[0m\n\nArguments received by Dense.call():\n  • inputs=3")
    assert explain(error) == "ValueError: Wrong shape"


@pytest.mark.parametrize("message", ["raise the patience", 'File "rates.csv" is empty'])
def test_a_message_that_looks_like_noise_is_kept(message):
    assert explain(ValueError(message)) == f"ValueError: {message}"


def test_an_error_without_words():
    assert explain(RuntimeError()) == "RuntimeError"
    assert len(explain(RuntimeError("x" * 5000))) < 400
