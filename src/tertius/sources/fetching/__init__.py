"""Files from the sources' own servers: what there is (:mod:`.servers`), how it is got (:mod:`.download`), and both
together with the import (:mod:`.fetch`)."""
