"""What kdeploy bakes into a project's image so that its runs reach the right MLflow server.

It runs before every task, so this file imports nothing.
"""

__version__ = "0.1.0"
