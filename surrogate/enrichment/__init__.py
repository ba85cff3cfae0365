"""Which neutron-capture process, r, s or i, made the heavy elements of a metal-poor star."""
