"""Models: arrays in, frozen results out."""
