"""Names that StarSmasher knows: of its files, its settings and its kinds of runs."""

from __future__ import annotations

from typing import Final

INPUT: Final = "sph.input"
"""The settings of a run."""
INIT: Final = "sph.init"
"""The kind of a run, INAME."""
START1: Final = "sph.start1u"
"""Star 1 of a collision, a snapshot."""
START2: Final = "sph.start2u"
"""Star 2 of a collision, a snapshot."""
RESTART: Final = "restartrad.sph"
"""The snapshot from which a run goes on; where it exists, `sph.init` counts for nothing."""

_INAMES = "1es 1mc 2cr bps bph hyp hbs erg meq res tri bhe rin grs txt"
_OLD = """
    tf dtout n nnopt nav alpha beta ngr hco mco hfloor nrelax trelax sep0 impactparameter e0
    semimajoraxis vinf2 equalmass treloff tresplintmuoff nitpot tscanon sepfinal nintvar ngravprocs
    qthreads gflag mbh runit munit cn1 cn2 cn3 cn4 cn5 cn6 cn7 computeexclusivemode ppn omega_spin
    neos nselfgravity gam reat starmass starradius ncooling teq tjumpahead startfile1 startfile2
    eosfile opacityfile profilefile nkernel throwaway stellarevolutioncodetype rp
"""
_NEW = """
    tswitchtou gravconst startfile3 binaryfile triplefile bpbhfile imagefile advectedfile
    bbh_m1 bbh_m2 bbh_rp bbh_semimajoraxis bbh_vinf2 bbh_e0 bbh_trueanomaly bbh_argperi
    bbh_inclination bbh_longitude
"""

INAMES: Final = frozenset(_INAMES.split())
"""Values of INAME in `sph.init`."""
INPUT_NAMES: Final = frozenset((_OLD + _NEW).split())
"""Names in `sph.input`, of old and new versions; an old one refuses those that are new."""
