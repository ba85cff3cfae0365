/* ---- Where the remnants of a collision are, and how fast -------------------------------------- */

typedef struct reb_vec3d vec;

static vec sum(vec a, double s, vec b) /* a + s b */
{
    a.x += s * b.x;
    a.y += s * b.y;
    a.z += s * b.z;
    return a;
}

static vec times(double s, vec a)
{
    const vec zero = {0.0, 0.0, 0.0};
    return sum(zero, s, a);
}

static double dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

static double size(vec a) { return sqrt(dot(a, a)); }

static vec cross(vec a, vec b)
{
    vec c;
    c.x = a.y * b.z - a.z * b.y;
    c.y = a.z * b.x - a.x * b.z;
    c.z = a.x * b.y - a.y * b.x;
    return c;
}

/* The direction of a; of 0, some other vector. */
static vec direction(vec a, vec otherwise)
{
    const double length = size(a);
    return length > 0.0 ? times(1.0 / length, a) : otherwise;
}

static double root(double x) { return x > 0.0 ? sqrt(x) : 0.0; }

/* Two-body orbit of a pair that approaches, star 2 seen from star 1 [Rsun, km/s, Msun]. */
typedef struct {
    vec x, u;
    vec e;        /* Laplace-Runge-Lenz vector, as long as the eccentricity, towards pericentre */
    double m[2];
    double rp;    /* pericentre */
    double vinf2; /* twice the specific orbital energy; negative where bound */
} orbit;

static orbit orbit_of(vec x, vec u, double m1, double m2)
{
    const double total = m1 + m2, distance = size(x);
    const vec v = times(1.0 / sqrt(@U@_G), u), h = cross(x, v); /* G = 1 */
    orbit o;
    o.x = x;
    o.u = u;
    o.m[0] = m1;
    o.m[1] = m2;
    o.e = sum(times(1.0 / total, cross(v, h)), -1.0 / distance, x);
    o.rp = dot(h, h) / (total * (1.0 + size(o.e)));
    if (o.rp > distance) o.rp = distance;
    o.vinf2 = 2.0 * (0.5 * dot(v, v) - total / distance) * @U@_G;
    return o;
}

/* Direction in which the stars of a hyperbola leave; some other for a bound pair. */
static vec asymptote(const orbit *o, vec otherwise)
{
    const vec none = {0.0, 0.0, 0.0};
    const double e2 = dot(o->e, o->e);
    const vec across = direction(cross(cross(o->x, o->u), o->e), none);
    if (e2 < 1.0) return otherwise;
    return direction(sum(times(-1.0 / e2, o->e), sqrt(1.0 - 1.0 / e2), across), otherwise);
}

/* What a collision makes of each star, seen from that star. */
typedef struct {
    double m[2];    /* final masses */
    vec x[2], v[2]; /* position and velocity of the remnants */
    double lost[2]; /* unbound mass that was the star's */
    vec w[2];       /* its velocity */
} remains;

static remains aftermath(const orbit *o, int fate, double m1, double m2)
{
    const vec none = {0.0, 0.0, 0.0};
    const double total = o->m[0] + o->m[1];
    const double share[2] = {o->m[0] / total, o->m[1] / total};
    const double gain[2] = {m1 > o->m[0] ? m1 - o->m[0] : 0.0, m2 > o->m[1] ? m2 - o->m[1] : 0.0};
    /* What a remnant is pulled along by what it gained, in units of the outgoing velocity. */
    const double drag[2] = {m1 > 0.0 ? gain[0] / m1 : 0.0, m2 > 0.0 ? gain[1] / m2 : 0.0};
    vec x_out = none, u_out = none, dx, du;
    remains left;
    int k;
    if (fate != @U@_MERGER) {
        /* Mirrored at the line through the pericentre; a circle has its own everywhere. */
        const vec apse = direction(o->e, direction(o->x, none));
        const vec ahead = direction(sum(o->u, -2.0 * dot(o->u, apse), apse), none);
        const double after = o->vinf2 + 2.0 * @U@_G * (m1 + m2) / size(o->x);
        x_out = sum(times(2.0 * dot(o->x, apse), apse), -1.0, o->x);
        if (fate == @U@_TWO || fate < 0)
            u_out = times(root(after) / (1.0 - drag[0] - drag[1]), ahead);
        else
            u_out = times(root(o->vinf2), asymptote(o, ahead));
    }
    dx = sum(x_out, -1.0, o->x);
    du = sum(u_out, -1.0, o->u); /* shared so that the centre of mass stays */
    left.m[0] = m1;
    left.m[1] = m2;
    for (k = 0; k < 2; k++) {
        const double sign = k == 0 ? -1.0 : 1.0;
        left.x[k] = times(sign * share[1 - k], dx);
        left.w[k] = times(sign * share[1 - k], du);
        left.v[k] = sum(left.w[k], -sign * drag[k], u_out);
        /* Not held at 0: the rounding of a sum of masses is then booked, and mass conserved. */
        left.lost[k] = (o->m[k] - (left.m[k] < o->m[k] ? left.m[k] : o->m[k])) - gain[1 - k];
    }
    return left;
}
