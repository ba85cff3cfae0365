/* @TITLE@
 *
 * Two main-sequence stars meet: who survives, and with what mass?
 *
 * C99, nothing but the mathematical library, no global state, no allocation: any number of
 * threads may call it at once. Made by `surrogate export --format c --model @MODEL@`,
 * version @VERSION@, of the checkpoint with SHA-256 @DIGEST@.
 */
#ifndef @U@_H
#define @U@_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What kind of encounter it is. */
typedef enum {
    @U@_COLLISION = 0, /* the surfaces touch */
    @U@_CAPTURE = 1,   /* tides bind the stars, which merge */
    @U@_FLYBY = 2      /* the stars pass each other unchanged */
} @P@_regime;

/* Who survives. */
typedef enum {
    @U@_NONE = 0,
    @U@_MERGER = 1,
    @U@_TWO = 2,
    @U@_STRIPPED = 3 /* one star; the other is destroyed */
} @P@_fate;

/* Why an answer is not to be trusted; reasons add up. */
enum {
    @U@_INSIDE = 0,
    @U@_INVALID = 1,    /* an input has no meaning; masses are NaN */
    @U@_MASS = 2,       /* a mass outside of 0.2 to 64 Msun */
    @U@_PRE_ZAMS = 4,   /* a star is not yet on the main sequence */
    @U@_POST_TAMS = 8,  /* a star is older than 1.1 of its main sequence */
    @U@_VELOCITY = 16,  /* faster than 16,000 km/s */
    @U@_RADIUS = 32,    /* a given radius is off by more than a factor of 2 */
    @U@_STRUCTURE = 64  /* a star is unlike every simulated one */
};

/* Error codes: the first field that has no meaning. */
enum {
    @U@_OK = 0,
    @U@_BAD_AGE = -1,
    @U@_BAD_M1 = -2,
    @U@_BAD_M2 = -3,
    @U@_BAD_RP = -4,
    @U@_BAD_VINF = -5,
    @U@_BAD_R1 = -6, /* also: one of r1 and r2 without the other */
    @U@_BAD_R2 = -7,
    @U@_BAD_AGE2 = -8,
    @U@_BAD_RH1 = -9, /* also: without radii, or not below r1, or without rh2 */
    @U@_BAD_RH2 = -10,
    @U@_BAD_POINTER = -11
};

/* Two stars about to meet. A field that may be left out is left out by @U@_UNKNOWN. */
typedef struct {
    double age;  /* of both stars, or of star 1 [Gyr], 0 to 15 */
    double m1;   /* mass of star 1 [Msun], 1e-3 to 1e4; flagged outside of 0.2 to 64 */
    double m2;   /* of star 2; either may be the heavier */
    double rp;   /* pericentre of the two-body orbit [Rsun], 0 to 1e6 */
    double vinf; /* relative velocity at infinity [km/s], 0 to the speed of light */
    double r1;   /* radius of star 1 [Rsun], may be left out together with r2 */
    double r2;
    double age2; /* of star 2 [Gyr], may be left out */
    double rh1;  /* half-mass radius of star 1 [Rsun], may be left out together with rh2 */
    double rh2;
} @P@_encounter;

#define @U@_UNKNOWN (-1.0)

/* Intervals that hold a mass with 68 and 95 per cent probability [Msun]. */
typedef struct {
    double low68, high68, low95, high95;
} @P@_bounds;

/* What is left. */
typedef struct {
    int regime; /* @P@_regime; -1 where an input has no meaning */
    int fate;   /* @P@_fate, the most probable one; -1 likewise */
    double p_none, p_merger, p_two, p_stripped; /* probabilities of the fates */
    double p_survivor1, p_survivor2; /* that star 1, star 2 alone survives; p_stripped in all */
    double m1_final;  /* [Msun]; the product of a merger stands with the heavier star */
    double m2_final;  /* [Msun] */
    double m_unbound; /* bound to neither [Msun] */
    @P@_bounds m1_bounds, m2_bounds, unbound_bounds; /* NaN@NO_BOUNDS@ */
    double ood;       /* 0 at a simulated star, 1 where one is a factor of 2 away@NO_OOD@ */
    int in_domain;    /* 1 where the answer lies within what was simulated */
    int reason;       /* why not: a sum of the reasons above */
} @P@_outcome;

/* An encounter of two stars of one age, without radii. */
@P@_encounter @P@_meet(double age, double m1, double m2, double rp, double vinf);

/* What is left of an encounter. Returns @U@_OK or the code of the first bad field, in which case
 * masses and probabilities are NaN. */
int @P@_collide(const @P@_encounter *encounter, @P@_outcome *outcome);

/* The same of n encounters. Returns how many had an error: their `reason` says so. Negative where
 * a pointer is missing. */
long @P@_collide_batch(size_t n, const @P@_encounter *encounters, @P@_outcome *outcomes);

/* Radius [Rsun], zero-age and terminal-age main sequence [Gyr] of a star [Msun, Gyr]. */
double @P@_radius(double mass, double age);
double @P@_zams_age(double mass);
double @P@_tams_age(double mass);

#ifdef __cplusplus
}
#endif

#endif
