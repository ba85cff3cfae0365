/* ---- The collisions of a simulation ----------------------------------------------------------- */

/* Orbit and velocities of a pair [Rsun, km/s, Msun]; 0 where the stars do not approach: REBOUND
 * lists a pair once for either star, and the second time it has collided already. */
static int see(struct reb_particle *const star[2], struct reb_vec6d gb, const @P@_rebound *state,
               orbit *o, vec v[2])
{
    vec x[2], d, u;
    int k;
    for (k = 0; k < 2; k++) {
        const double through = k == 0 ? 1.0 : 0.0; /* star 1 may be seen through a boundary */
        x[k].x = (star[k]->x + through * gb.x) * state->length;
        x[k].y = (star[k]->y + through * gb.y) * state->length;
        x[k].z = (star[k]->z + through * gb.z) * state->length;
        v[k].x = (star[k]->vx + through * gb.vx) * state->speed;
        v[k].y = (star[k]->vy + through * gb.vy) * state->speed;
        v[k].z = (star[k]->vz + through * gb.vz) * state->speed;
    }
    d = sum(x[1], -1.0, x[0]);
    u = sum(v[1], -1.0, v[0]);
    *o = orbit_of(d, u, star[0]->m * state->mass, star[1]->m * state->mass);
    return dot(d, u) < 0.0;
}

static @P@_encounter encounter_of(const orbit *o, struct reb_particle *const star[2],
                                  const double age[2], double length)
{
    @P@_encounter e = @P@_meet(age[0], o->m[0], o->m[1], o->rp, root(o->vinf2));
    e.age2 = age[1];
    e.r1 = star[0]->r * length;
    e.r2 = star[1]->r * length;
    return e;
}

static double age_of(const struct reb_particle *star, const @P@_rebound *state)
{
    return state->age_of == NULL ? state->age : state->age_of(star, state->user);
}

/* What is lost leaves with its velocity. */
static void book(@P@_rebound *state, const vec v[2], const remains *left)
{
    int k;
    for (k = 0; k < 2; k++) {
        const double mass = left->lost[k] / state->mass;
        const vec w = times(mass / state->speed, sum(v[k], 1.0, left->w[k]));
        state->lost_mass += mass;
        state->lost_momentum[0] += w.x;
        state->lost_momentum[1] += w.y;
        state->lost_momentum[2] += w.z;
    }
}

/* Position and velocity of remnant k. */
static void move(struct reb_particle *star, const remains *left, int k, const @P@_rebound *state)
{
    star->x += left->x[k].x / state->length;
    star->y += left->x[k].y / state->length;
    star->z += left->x[k].z / state->length;
    star->vx += left->v[k].x / state->speed;
    star->vy += left->v[k].y / state->speed;
    star->vz += left->v[k].z / state->speed;
}

/* Both stars become what is left of them; one that is destroyed is about to be removed, one that is
 * not harmed keeps its mass to the last digit. */
static void change(struct reb_particle *const star[2], const orbit *o, const double age[2],
                   int fate, const remains *left, @P@_rebound *state)
{
    int k;
    for (k = 0; k < 2; k++) {
        const double mass = left->m[k];
        if (mass <= 0.0) {
            star[k]->m = 0.0;
            continue;
        }
        move(star[k], left, k, state);
        if (mass != o->m[k]) {
            double later = age[k];
            star[k]->m = mass / state->mass;
            if (state->set_age != NULL) {
                later = age_after(o->m, age, fate, mass, k);
                state->set_age(star[k], later, state->user);
            }
            star[k]->r *= @P@_radius(mass, later) / @P@_radius(o->m[k], age[k]);
        }
    }
}

/* What is left of an encounter; where an input has no meaning, the stars pass each other. */
static void ask(const struct reb_simulation *sim, const @P@_encounter *encounter,
                @P@_outcome *out, @P@_rebound *state)
{
    if (@P@_collide(encounter, out) == @U@_OK) {
        state->fates[out->fate]++;
    } else {
        out->m1_final = encounter->m1;
        out->m2_final = encounter->m2;
        state->unanswered++;
    }
    state->collisions++;
    if (state->on_collision != NULL) state->on_collision(sim, encounter, out, state->user);
}

int @P@_rebound_resolve(struct reb_simulation *sim, struct reb_collision collision,
                        @P@_rebound *state)
{
    struct reb_particle *const star[2] = {&sim->particles[collision.p1],
                                          &sim->particles[collision.p2]};
    double age[2], before = 0.0;
    @P@_encounter encounter;
    @P@_outcome out;
    remains left;
    vec v[2];
    orbit o;
    if (!(star[0]->m > 0.0 && star[1]->m > 0.0)) return 0; /* a test particle is no star */
    if (!see(star, collision.gb, state, &o, v)) return 0;
    age[0] = age_of(star[0], state);
    age[1] = age_of(star[1], state);
    encounter = encounter_of(&o, star, age, state->length);
    ask(sim, &encounter, &out, state);

    left = aftermath(&o, out.fate, out.m1_final, out.m2_final);
    if (sim->track_energy_offset) before = reb_simulation_energy(sim);
    change(star, &o, age, out.fate, &left, state);
    book(state, v, &left);
    if (sim->track_energy_offset) sim->energy_offset += before - reb_simulation_energy(sim);
    return (left.m[0] <= 0.0 ? 1 : 0) + (left.m[1] <= 0.0 ? 2 : 0);
}

@U@_REBOUND_RESULT @P@_collision_resolve(struct reb_simulation *const sim,
                                        struct reb_collision collision)
{
    return (@U@_REBOUND_RESULT)@P@_rebound_resolve(sim, collision, (@P@_rebound *)sim->extras);
}

@P@_rebound @P@_rebound_state(double age)
{
    const @P@_rebound empty = {0};
    @P@_rebound state = empty;
    state.length = state.speed = state.mass = 1.0;
    state.age = age;
    return state;
}

int @P@_rebound_attach(struct reb_simulation *sim, @P@_rebound *state)
{
    double gravity;
    if (sim == NULL || state == NULL) return @U@_BAD_POINTER;
    if (!(state->length > 0.0 && state->speed > 0.0 && state->mass > 0.0)) return @U@_BAD_UNITS;
    gravity = @U@_G * state->mass / (state->length * state->speed * state->speed);
    if (!(fabs(sim->G / gravity - 1.0) <= 1e-3)) return @U@_BAD_GRAVITY;
    sim->extras = state;
    sim->collision_resolve = @P@_collision_resolve;
    return @U@_OK;
}
