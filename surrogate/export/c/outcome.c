/* ---- From what the network says to an outcome ------------------------------------------------- */

/* Identical stars share a fate, and leave equal masses with equal bounds. */
static void treat_twins_alike(prediction *q)
{
    const double whole = q->p[OUT_NONE] + q->p[OUT_MERGER] + q->p[OUT_TWO];
    const double mean = 0.5 * (q->fraction[OUT_TWO][0] + q->fraction[OUT_TWO][1]);
    int k;
    for (k = 0; k < OUT_FIRST; k++) q->p[k] /= whole;
    q->p[OUT_FIRST] = q->p[OUT_SECOND] = 0.0;
    q->fraction[OUT_TWO][0] = q->fraction[OUT_TWO][1] = mean;
    q->fraction[OUT_TWO][2] = 1.0 - mean - mean;
#if BOUNDS
    /* Of the product of a merger the bounds stay with the star that it is named after. */
    if (most_probable(q->p) != OUT_MERGER)
        for (k = 0; k < 4; k++)
            q->bounds[0][k] = q->bounds[1][k] = 0.5 * (q->bounds[0][k] + q->bounds[1][k]);
#endif
}

/* Orbital energy at infinity does not exceed what tides in both stars dissipate. */
static int is_captured(const pair *p)
{
    const star *a = &p->s[0], *b = &p->s[1];
    const double closest = 0.5 * (a->r + b->r), rp = p->rp > closest ? p->rp : closest;
    const double orbital = 0.5 * (a->m * b->m / p->total) * p->vinf * p->vinf;
    return orbital <= dissipated(a->m, b->m, a->r, rp, p->vinf) +
                          dissipated(b->m, a->m, b->r, rp, p->vinf);
}

static @P@_bounds point_bounds(double x)
{
    @P@_bounds b;
    b.low68 = b.high68 = b.low95 = b.high95 = x;
    return b;
}

#if BOUNDS
static double lower(double a, double b) { return a < b ? a : b; }
static double higher(double a, double b) { return a > b ? a : b; }

static @P@_bounds mass_bounds(const double share[4], double total, double mass)
{
    @P@_bounds b;
    b.low68 = lower(share[0] * total, mass);
    b.high68 = higher(share[1] * total, mass);
    b.low95 = lower(share[2] * total, mass);
    b.high95 = higher(share[3] * total, mass);
    return b;
}
#endif

static void no_answer(@P@_outcome *out)
{
    out->regime = out->fate = -1;
    out->p_none = out->p_merger = out->p_two = out->p_stripped = NAN;
    out->p_survivor1 = out->p_survivor2 = NAN;
    out->m1_final = out->m2_final = out->m_unbound = out->ood = NAN;
    out->m1_bounds = out->m2_bounds = out->unbound_bounds = point_bounds(NAN);
    out->in_domain = 0;
    out->reason = @U@_INVALID;
}

static void answer(const pair *p, @P@_outcome *out)
{
    const double contact = p->s[0].r + p->s[1].r;
    double mass[3] = {0.0, 0.0, 0.0};
    @P@_bounds bounds[3];
    prediction q;
    int k;
    const double ood = predict(p, &q);
    if (p->twins) treat_twins_alike(&q);
    if (p->rp <= contact * (1.0 + 1e-4)) {
        const int outcome = most_probable(q.p);
        out->regime = @U@_COLLISION;
        for (k = 0; k < 3; k++) mass[k] = q.fraction[outcome][k] * p->total;
    } else {
        const int captured = is_captured(p);
        out->regime = captured ? @U@_CAPTURE : @U@_FLYBY;
        for (k = 0; k < OUTCOMES; k++) q.p[k] = k == (captured ? OUT_MERGER : OUT_TWO);
        mass[0] = captured ? p->total : p->s[0].m;
        mass[1] = captured ? 0.0 : p->s[1].m;
    }
    for (k = 0; k < 3; k++) {
#if BOUNDS
        bounds[k] = out->regime == @U@_COLLISION ? mass_bounds(q.bounds[k], p->total, mass[k])
                                                 : point_bounds(mass[k]);
#else
        bounds[k] = point_bounds(NAN);
#endif
    }
    out->fate = fate_of(q.p);
    out->p_none = q.p[OUT_NONE];
    out->p_merger = q.p[OUT_MERGER];
    out->p_two = q.p[OUT_TWO];
    out->p_stripped = q.p[OUT_FIRST] + q.p[OUT_SECOND];
    out->p_survivor1 = q.p[p->swapped ? OUT_SECOND : OUT_FIRST];
    out->p_survivor2 = q.p[p->swapped ? OUT_FIRST : OUT_SECOND];
    out->m1_final = mass[p->swapped];
    out->m2_final = mass[!p->swapped];
    out->m_unbound = mass[2];
    out->m1_bounds = bounds[p->swapped];
    out->m2_bounds = bounds[!p->swapped];
    out->unbound_bounds = bounds[2];
    out->ood = ood;
    out->reason = p->reason | (ood > 1.0 ? @U@_STRUCTURE : 0);
    out->in_domain = out->reason == 0;
}

@P@_encounter @P@_meet(double age, double m1, double m2, double rp, double vinf)
{
    @P@_encounter e;
    e.age = age;
    e.m1 = m1;
    e.m2 = m2;
    e.rp = rp;
    e.vinf = vinf;
    e.r1 = e.r2 = e.age2 = e.rh1 = e.rh2 = @U@_UNKNOWN;
    return e;
}

int @P@_collide(const @P@_encounter *encounter, @P@_outcome *outcome)
{
    int code;
    pair p;
    if (encounter == NULL || outcome == NULL) return @U@_BAD_POINTER;
    code = check(encounter);
    if (code != @U@_OK) {
        no_answer(outcome);
        return code;
    }
    p = arrange(encounter);
    answer(&p, outcome);
    return @U@_OK;
}

long @P@_collide_batch(size_t n, const @P@_encounter *encounters, @P@_outcome *outcomes)
{
    long bad = 0;
    size_t i;
    if (n > 0 && (encounters == NULL || outcomes == NULL)) return @U@_BAD_POINTER;
    for (i = 0; i < n; i++) bad += @P@_collide(&encounters[i], &outcomes[i]) != @U@_OK;
    return bad;
}
