"""kdeploy as a Python package: the program that npm installs, and what starts it with the Node.js of another wheel."""
