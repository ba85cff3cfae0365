/* REBOUND: what its particles do when they collide, by @P@.h.
 *
 *     @P@_rebound state = @P@_rebound_state(1.0);   age of all stars [Gyr]
 *     sim->G = @U@_G;                               Rsun, km/s, Msun
 *     sim->collision = REB_COLLISION_DIRECT;
 *     @P@_rebound_attach(sim, &state);
 *
 * Two survivors stand on the outgoing leg of their orbit with their new masses, the product of a
 * merger at the centre of mass; a star that is destroyed is removed. What is lost is booked with
 * its momentum, and the energy offset is kept where REBOUND tracks it. REBOUND 4.4 to 5.
 *
 * No global state, no allocation: everything is in the state, which outlives the simulation.
 */
#ifndef @U@_REBOUND_H
#define @U@_REBOUND_H

#include <rebound.h>

#include "@P@.h"

/* What REBOUND's resolvers return. Up to 4.4.10: -D@U@_REBOUND_RESULT=int */
#ifndef @U@_REBOUND_RESULT
#define @U@_REBOUND_RESULT enum REB_COLLISION_RESOLVE_OUTCOME
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define @U@_G @G@           /* gravitational constant [Rsun (km/s)^2 / Msun] */
#define @U@_BAD_GRAVITY (-12) /* sim->G does not belong to the units */
#define @U@_BAD_UNITS (-13)   /* one is not above 0 */

/* How the stars of a simulation collide, and what they have lost so far. */
typedef struct {
    double length, speed, mass; /* units of the simulation [Rsun], [km/s], [Msun] */
    double age;                 /* of all stars [Gyr], where age_of is NULL */
    /* Age of a star [Gyr]; may be NULL. */
    double (*age_of)(const struct reb_particle *star, void *user);
    /* Told the new age of a star that a collision has changed [Gyr]; where NULL, stars keep
     * their ages. Either may keep ages in what the particle's `ap` points to. */
    void (*set_age)(struct reb_particle *star, double age, void *user);
    /* Told of every collision, before the particles change; may be NULL. */
    void (*on_collision)(const struct reb_simulation *sim, const @P@_encounter *encounter,
                         const @P@_outcome *outcome, void *user);
    void *user;                 /* what the functions are given */
    double lost_mass;           /* unbound so far, in units of the simulation */
    double lost_momentum[3];    /* what it carries */
    long collisions;            /* all of them */
    long fates[4];              /* of each @P@_fate */
    long unanswered;            /* an input had no meaning: the stars passed each other */
} @P@_rebound;

/* A state in units of Rsun, km/s and Msun, without functions; nothing is lost yet. */
@P@_rebound @P@_rebound_state(double age);

/* Resolve the collisions of a simulation from now on; the state takes `sim->extras`. Returns
 * @U@_OK, @U@_BAD_POINTER, @U@_BAD_UNITS or @U@_BAD_GRAVITY. */
int @P@_rebound_attach(struct reb_simulation *sim, @P@_rebound *state);

/* What REBOUND calls, with the state in `sim->extras`. */
@U@_REBOUND_RESULT @P@_collision_resolve(struct reb_simulation *const sim,
                                        struct reb_collision collision);

/* The same with a state from elsewhere, where `sim->extras` is taken, as by REBOUNDx: 0 keeps both
 * particles, 1 and 2 remove one of them, 3 both. */
int @P@_rebound_resolve(struct reb_simulation *sim, struct reb_collision collision,
                        @P@_rebound *state);

#ifdef __cplusplus
}
#endif

#endif
