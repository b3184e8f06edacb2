"""The exercises, one a file. Each file has an ``EXERCISE``; `lrlab.course.catalogue` lists them by lesson."""
