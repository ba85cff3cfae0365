/* Two stars meet at three speeds. Build with REBOUND's header and library, which its Python package
 * brings along:
 *
 *     cc -std=c99 -I DIR_OF_REBOUND_H main_rebound.c @P@_rebound.c @P@.c LIBREBOUND.so -lm
 */
#include <math.h>
#include <stdio.h>

#include "@P@_rebound.h"

/* Returns how many stars are left, or a number below 0. */
static int meet(double speed)
{
    @P@_rebound state = @P@_rebound_state(1.0); /* age [Gyr] */
    struct reb_simulation *sim = reb_simulation_create();
    struct reb_particle star = {0};
    double mass = 0.0;
    int k, left;
    sim->G = @U@_G; /* Rsun, km/s, Msun */
    sim->collision = REB_COLLISION_DIRECT;
    sim->track_energy_offset = 1;
    sim->dt = 0.02 / speed;
    for (k = -1; k < 2; k += 2) {
        star.m = k < 0 ? 1.0 : 0.7;
        star.r = 0.8;
        star.x = 3.0 * k;
        star.y = 0.3 * k;
        star.vx = -speed * k;
        reb_simulation_add(sim, star);
    }
    if (@P@_rebound_attach(sim, &state) != @U@_OK) return -1;
    reb_simulation_integrate(sim, 8.0 / speed);
    left = (int)sim->N;
    for (k = 0; k < left; k++) mass += sim->particles[k].m;
    printf("%6.0f km/s: %d left, %ld collision(s), %.6f Msun in stars, %.6f lost\n", speed, left,
           state.collisions, mass, state.lost_mass);
    reb_simulation_free(sim);
    return fabs(mass + state.lost_mass - 1.7) < 1e-12 ? left : -2;
}

int main(void)
{
    return meet(100.0) == 1 && meet(1500.0) == 2 && meet(9000.0) == 0 ? 0 : 1;
}
