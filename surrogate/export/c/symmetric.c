/* ---- What the members say together ------------------------------------------------------------ */

#if BOUNDS
static const double LEVELS[11] = {0.0, 0.2, 0.4, 0.55, 0.68, 0.8, 0.9, 0.95, 0.975, 0.99, 1.0};

/* The law of the scatter, linear between its levels. */
static double half_width(double share, const double law[11])
{
    double sum = law[0];
    int k;
    for (k = 0; k < 10; k++)
        sum += clip((share - LEVELS[k]) / (LEVELS[k + 1] - LEVELS[k]), 0.0, 1.0) *
               (law[k + 1] - law[k]);
    return sum;
}

/* Quantile of one mass in the mixture of outcomes, taken as apart from each other. */
static double quantile(const prediction *q, double scale[OUTCOMES][3], int mass, double tail)
{
    double found = 0.0, point = -HUGE_VAL;
    int i, j, reached = 0;
    for (i = 0; i < OUTCOMES; i++) {
        const double centre = q->fraction[i][mass];
        double before = 0.0, share, side;
        for (j = 0; j < OUTCOMES; j++) {
            const double other = q->fraction[j][mass];
            if (other < centre || (other == centre && j < i)) before += q->p[j];
        }
        share = (tail - before) / (q->p[i] > 1e-12 ? q->p[i] : 1e-12);
        if (share > 0.0 && centre > point) point = centre;
        if (!(share > 0.0 && share <= 1.0)) continue;
        reached = 1;
        side = 2.0 * share - 1.0;
        found += centre + (side > 0.0 ? 1.0 : side < 0.0 ? -1.0 : 0.0) * scale[i][mass] *
                              half_width(fabs(side), LAW[i][mass]);
    }
    return reached ? found : point;
}

static void set_bounds(const pair *p, double scale[OUTCOMES][3], double ood, prediction *q)
{
    static const double tails[4] = {0.16, 0.84, 0.025, 0.975};
    const double away = -expm1(-ood / 0.1);
    const int chosen = most_probable(q->p);
    int i, k, t;
    for (k = 0; k < 2; k++) scale[OUT_TWO][k] *= pow(2.0 * p->share[k], TILT);
    for (i = 0; i < OUTCOMES; i++)
        for (k = 0; k < 3; k++) scale[i][k] *= 1.0 + WIDENING[i][k] * away;
    for (k = 0; k < 3; k++) {
        const double point = q->fraction[chosen][k];
        double *b = q->bounds[k];
        for (t = 0; t < 4; t++) {
            double edge = quantile(q, scale, k, tails[t]);
            if (t % 2 == 0 ? edge > point : edge < point) edge = point;
            b[t] = clip(edge, 0.0, 1.0);
        }
        if (b[2] > b[0]) b[2] = b[0];
        if (b[3] < b[1]) b[3] = b[1];
    }
}
#endif

static double predict(const pair *p, prediction *q)
{
    const double ood = out_of_domain(p);
    opinion o[MEMBERS];
    float even[EVEN], odd[4];
    double logit[OUTCOMES], all;
    int i, k, m;
    features(p, even, odd);
    for (m = 0; m < MEMBERS; m++) ask(m, even, odd, p->share, &o[m]);
    for (i = 0; i < OUTCOMES; i++) {
        double each[MEMBERS];
        for (m = 0; m < MEMBERS; m++) each[m] = o[m].log_p[i];
        logit[i] = log_sum(each, MEMBERS) / TEMPERATURE;
        for (k = 0; k < 2; k++) {
            q->fraction[i][k] = 0.0;
            for (m = 0; m < MEMBERS; m++) q->fraction[i][k] += o[m].bound[i][k] / MEMBERS;
        }
        q->fraction[i][2] = 1.0 - q->fraction[i][0] - q->fraction[i][1];
    }
    all = log_sum(logit, OUTCOMES);
    for (i = 0; i < OUTCOMES; i++) q->p[i] = exp(logit[i] - all);
#if BOUNDS
    {
        double scale[OUTCOMES][3];
        for (i = 0; i < OUTCOMES; i++) {
            double learned[3] = {0.0, 0.0, 0.0}, square[3] = {0.0, 0.0, 0.0};
            for (m = 0; m < MEMBERS; m++) {
                const double own0 = o[m].scale[i][0] * (i == OUT_MERGER ? 1.0 : p->share[0]);
                const double own1 = o[m].scale[i][1] * p->share[1];
                const double d0 = o[m].bound[i][0] - q->fraction[i][0];
                const double d1 = o[m].bound[i][1] - q->fraction[i][1];
                learned[0] += own0 / MEMBERS;
                learned[1] += own1 / MEMBERS;
                learned[2] += (own0 + own1) / MEMBERS;
                square[0] += d0 * d0 / MEMBERS;
                square[1] += d1 * d1 / MEMBERS;
                square[2] += (d0 + d1) * (d0 + d1) / MEMBERS;
            }
            for (k = 0; k < 3; k++)
                scale[i][k] = learned[k] + sqrt(square[k] + 1e-14) - 1e-7;
        }
        set_bounds(p, scale, ood, q);
    }
#endif
    return ood;
}
