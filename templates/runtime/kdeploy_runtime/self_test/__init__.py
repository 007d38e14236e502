"""Finds, before the push, what would stop the image's first task: run by ``kdeploy build`` inside the image.

It loads the project as ``kedro run`` does, up to the pipelines: those are the user's code that changes hourly,
and a verdict that does not depend on them can be kept. It needs no network and asks no server anything, unless it is
asked to (``--online``).
"""
