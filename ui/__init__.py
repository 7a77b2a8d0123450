"""The chat page: what it shows, what its controls do, how it is served. :mod:`app` is its entry.

Pure modules make HTML from what an :class:`rag.Assistant` says (``markup``, ``labels``, ``conversation``, ``evidence``,
``documents``, ``charts``) and know no gradio; ``page`` lays them out. Nothing here decides what an answer says.
"""
