/* ---- What every model says of a collision; star 1 is the heavier ------------------------------ */

enum { OUT_NONE, OUT_MERGER, OUT_TWO, OUT_FIRST, OUT_SECOND, OUTCOMES };

typedef struct {
    double p[OUTCOMES];
    double fraction[OUTCOMES][3]; /* in star 1, in star 2, unbound, over both */
#if BOUNDS
    double bounds[3][4]; /* 68 per cent low and high, 95 per cent low and high */
#endif
} prediction;

/* Most probable fate, of none, merger, two and stripped. */
static int fate_of(const double p[OUTCOMES])
{
    const double share[4] = {p[OUT_NONE], p[OUT_MERGER], p[OUT_TWO], p[OUT_FIRST] + p[OUT_SECOND]};
    int k, best = 0;
    for (k = 1; k < 4; k++)
        if (share[k] > share[best]) best = k;
    return best;
}

static int most_probable(const double p[OUTCOMES])
{
    const int fate = fate_of(p);
    return fate == @U@_STRIPPED && p[OUT_SECOND] > p[OUT_FIRST] ? OUT_SECOND : fate;
}

/* A layer of a network: y = bias + x kernel. */
static void dense(const float *x, int n_in, int n_out, const float *kernel, const float *bias,
                  float *restrict y)
{
    int i, o;
    for (o = 0; o < n_out; o++) y[o] = bias[o];
    for (i = 0; i < n_in; i++) {
        const float *restrict row = kernel + (size_t)i * n_out;
        const float here = x[i];
        for (o = 0; o < n_out; o++) y[o] += here * row[o];
    }
}
