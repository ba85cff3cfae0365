"""What all surrogates share: network parts, training, checkpoints."""
