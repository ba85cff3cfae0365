"""What the scripts of `experiments` share: their options, tables and the look of their pictures."""
