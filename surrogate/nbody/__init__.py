"""A small direct N-body code whose collisions are decided by a rule, such as the surrogate."""
