"""The explorer: every answer of the command line as a page, and as JSON over HTTP. Nothing is computed here.

``questions.py`` says what can be asked, once, as values; ``pages.py`` which pages show which of them. From these come
routes, navigation, forms, the OpenAPI document and the tests. A question is answered in a worker, a process of its own
(``worker.py``, with what it keeps open in ``desk.py``); ``jobs.py`` hands questions out, joins equal ones, and keeps
finished answers. ``api.py`` and ``site.py`` are the two ways in, and ``guard.py`` stands before both.
"""
