"""From an article to who did what to whom: document, actors, dates, events, claims.

Reading is input, like ``events``: it knows actors and event types (``codes``), but no history, no model and no answer.
"""
