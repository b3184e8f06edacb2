"""The course: exercises that are checked at once, with reasons that fit the mistake, and a learner's progress."""
