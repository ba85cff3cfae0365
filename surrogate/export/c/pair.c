/* ---- Two stars in order: heavier first, so that swapping them swaps the answer ---------------- */

typedef struct {
    double age, m, r, c, h; /* c and h enclose 10 and 50 per cent of the mass */
#if PROFILES
    double shell[SHELLS];
#endif
} star;

typedef struct {
    star s[2];
    double rp, vinf, total, share[2];
    int swapped, twins, reason;
} pair;

#define WITHIN(x, low, high) ((x) >= (low) && (x) <= (high)) /* not of NaN */
#define SIZE(x) ((x) > 0.0 && (x) <= 1e4)

/* Code of the first field that has no meaning. */
static int check(const @P@_encounter *e)
{
    const int sizes = !LEFT_OUT(e->r1) || !LEFT_OUT(e->r2);
    const int halves = !LEFT_OUT(e->rh1) || !LEFT_OUT(e->rh2);
    if (!WITHIN(e->age, 0.0, 15.0)) return @U@_BAD_AGE;
    if (!WITHIN(e->m1, 1e-3, 1e4)) return @U@_BAD_M1;
    if (!WITHIN(e->m2, 1e-3, 1e4)) return @U@_BAD_M2;
    if (!WITHIN(e->rp, 0.0, 1e6)) return @U@_BAD_RP;
    if (!WITHIN(e->vinf, 0.0, 299792.458)) return @U@_BAD_VINF;
    if (sizes && !SIZE(e->r1)) return @U@_BAD_R1;
    if (sizes && !SIZE(e->r2)) return @U@_BAD_R2;
    if (!LEFT_OUT(e->age2) && !WITHIN(e->age2, 0.0, 15.0)) return @U@_BAD_AGE2;
    if (halves && !(sizes && SIZE(e->rh1) && e->rh1 < e->r1)) return @U@_BAD_RH1;
    if (halves && !(SIZE(e->rh2) && e->rh2 < e->r2)) return @U@_BAD_RH2;
    return @U@_OK;
}

/* A star of a size, or of its age where size or half are left out; the reasons to doubt it. */
static star make_star(double age, double mass, double size, double half, int *reason)
{
    const place at = place_of(mass, age);
    const double expected = radius_at(at);
    double step[2], core, middle, stretch;
    star s;
    s.age = age;
    s.m = mass;
    s.r = LEFT_OUT(size) ? expected : size;
    surface(LOG_CORE, MASS_COEFFICIENTS, AGE_COEFFICIENTS, 2, at, step);
    middle = -exp(step[0]); /* ln of the share of the radius */
    core = middle - exp(step[1]);
    stretch = LEFT_OUT(half) ? 1.0 : log(half / s.r) / middle;
    s.h = s.r * exp(stretch * middle);
    s.c = s.r * exp(stretch * core);
#if PROFILES
    shells_of(at, s.r, half, s.shell);
#endif
    if (mass < 0.2 || mass > 64.0) *reason |= @U@_MASS;
    if ((1.0 + 1e-3) * age < @P@_zams_age(mass)) *reason |= @U@_PRE_ZAMS;
    if (age > 1.1 * @P@_tams_age(mass)) *reason |= @U@_POST_TAMS;
    if (s.r > 2.0 * expected || expected > 2.0 * s.r) *reason |= @U@_RADIUS;
    return s;
}

/* -1, 0 or 1: whether star 2 has less or more of the first thing in which they differ. */
static int compare(const @P@_encounter *e, double age2)
{
    if (e->m1 != e->m2) return e->m2 > e->m1 ? 1 : -1;
    if (e->r1 != e->r2) return e->r2 > e->r1 ? 1 : -1;
    if (e->rh1 != e->rh2) return e->rh2 > e->rh1 ? 1 : -1;
    if (e->age != age2) return age2 > e->age ? 1 : -1;
    return 0;
}

static pair arrange(const @P@_encounter *e)
{
    const double age2 = LEFT_OUT(e->age2) ? e->age : e->age2;
    const int order = compare(e, age2);
    pair p;
    p.swapped = order > 0;
    p.twins = order == 0;
    p.reason = e->vinf > 16000.0 ? @U@_VELOCITY : 0;
    p.s[p.swapped] = make_star(e->age, e->m1, e->r1, e->rh1, &p.reason);
    p.s[!p.swapped] = make_star(age2, e->m2, e->r2, e->rh2, &p.reason);
    p.rp = e->rp;
    p.vinf = e->vinf;
    p.total = p.s[0].m + p.s[1].m;
    p.share[0] = p.s[0].m / p.total;
    p.share[1] = p.s[1].m / p.total;
    return p;
}
