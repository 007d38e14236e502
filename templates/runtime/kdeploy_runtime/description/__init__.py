"""What the image's pipelines consist of: read by ``kdeploy dag``, which makes tasks of them.

The project is loaded as ``kedro run`` does, pipelines included. Nothing is run, and no network is needed.
"""
