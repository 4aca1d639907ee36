"""What a fit is held against: how well it fits, wrong codings, an event study, and the ladder of models."""
