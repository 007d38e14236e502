"""A value that an orchestrator should have filled in, and did not: it would be the same for every execution."""

from __future__ import annotations

import re

TEMPLATES = re.compile(
    r"""
      \{\{ | ^[^{]*\}\} | \{%.*?%\} | \{\#.*?\#\}  # Jinja, Argo, GitHub, also cut off
    | [$\#@]\{ | (?<!\w)\$\[                        # a shell, Helm, Data Factory; Azure Pipelines
    | \$\([^)]*\) | `[^`]+`                        # Kubernetes, Azure Pipelines; a shell
    | \{[A-Za-z_][\w.]*(?:![a-z])?\}               # str.format, and the placeholders of run_name
    | <%.*?%> | <<.*?>> | \[\[\s*[A-Za-z_].*?\]\]  # ERB, CircleCI, Jinja with other signs
    | %\(\w+\)[a-z] | (?:^|/)%[sd](?=/|$)          # printf
    | %[A-Za-z_]\w*%(?![0-9A-Fa-f]{2}) | @@\w+@@   # cmd.exe, not what is percent-encoded; replaced tokens
    | (?<!\w) \${1,2}(?:[A-Za-z_]\w*|\.\w)         # a shell, Step Functions; not US$5
    | (?:^|/)@[a-z]\w*\(                           # Data Factory
    | (?:^|/)!(?:Ref|Sub|GetAtt|Join)\b             # CloudFormation
    """,
    re.VERBOSE | re.DOTALL,
)
NOTHING = re.compile(r"none|null|nil|undefined|nan|nat|n/a|\(null\)|<[^<>]*>|\[object \w+\]|", re.IGNORECASE)
AROUND = " \t\r\n'\"`"


def what_is_wrong(value: str) -> str | None:
    """A predicate for a message; None for a value that may name something."""
    if TEMPLATES.search(value):
        return "is a template that was not rendered"
    parts = value.split("/")
    if not any(character.isalnum() for character in value) or _is_nothing(value) or any(map(_is_word, parts)):
        return "names nothing"
    return "ends with nothing" if _is_nothing(parts[-1]) else None


def _is_nothing(part: str) -> bool:
    return NOTHING.fullmatch(part.strip(AROUND)) is not None


def _is_word(part: str) -> bool:
    """Nothing by name; an empty part in the middle or in front is harmless."""
    return part.strip(AROUND) != "" and _is_nothing(part)
