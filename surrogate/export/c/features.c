/* ---- What the network reads: the encounter in units of the two stars -------------------------- */

static void features(const pair *p, float even[EVEN], float odd[4])
{
    const star *a = &p->s[0], *b = &p->s[1];
#if PROFILES
    const double c1 = a->shell[1], h1 = a->shell[HALF_SHELL];
    const double c2 = b->shell[1], h2 = b->shell[HALF_SHELL];
#else
    const double c1 = a->c, h1 = a->h, c2 = b->c, h2 = b->h;
#endif
    const double h = h1 + h2, contact = a->r + b->r;
    const double rp = p->rp < contact ? p->rp : contact;
    const double vesc2 = 2.0 * G_NEWTON * p->total / h;
    const double v2 = p->vinf * p->vinf, w = v2 / vesc2;
    const double binding = G_NEWTON * (a->m * a->m / h1 + b->m * b->m / h2);
    const double k_b = 0.5 * (a->m * b->m / p->total) * v2 / binding;
    const double b1 = log(h1 / a->r), b2 = log(h2 / b->r);
    const double k1 = log(c1 / h1), k2 = log(c2 / h2);
    const double d[4] = {log(a->m / b->m), log(h1 / h2), b1 - b2, k1 - k2};
    const double size = sqrt(1.0 + d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    double x[EVEN];
    int i, j, n = 0;
#if PROFILES
    x[n++] = contact_height(a->shell, b->shell, p->rp);
#endif
    x[n++] = rp / contact;
    x[n++] = log(rp / h + 0.05);
    x[n++] = log(w + 1e-3);
    x[n++] = log(w + 0.1);
    x[n++] = log(k_b + 1e-2);
    x[n++] = log(k_b + 1.0);
    x[n++] = log(w + h / (rp + 0.1 * h));
    x[n++] = b1 + b2;
    x[n++] = k1 + k2;
    x[n++] = log(vesc2);
    for (i = 0; i < 3; i++)
        for (j = i; j < 3; j++) x[n++] = d[i] * d[j] / size;
    for (i = 0; i < EVEN; i++) even[i] = (float)((x[i] - FEATURE_MEAN[i]) / FEATURE_STD[i]);
    for (i = 0; i < 4; i++) odd[i] = (float)(d[i] / ODD_STD[i]);
}

/* ---- The network: exchanging the stars exchanges its answer ----------------------------------- */

typedef struct {
    double log_p[OUTCOMES];
    double bound[OUTCOMES][2];     /* mass of star 1 and of star 2 over both */
    double scale[OUTCOMES][2];     /* expected error, relative to what they were; 0 is certain */
} opinion;

static float activate(float x) { return @ACTIVATION@; }

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

/* Shares of its mass that a survivor keeps and gives to the other; the rest is lost. */
static void divide(double loss, double gift, double *keeps, double *gives)
{
    const double g = exp(gift - 6.0), l = exp(loss - 4.0), sum = 1.0 + g + l;
    *keeps = 1.0 / sum;
    *gives = g / sum;
}

static double odd_number(const float *coefficient, const float *odd)
{
    return (double)coefficient[0] * odd[0] + (double)coefficient[1] * odd[1] +
           (double)coefficient[2] * odd[2] + (double)coefficient[3] * odd[3];
}

/* ln sum exp of n numbers. */
static double log_sum(const double *x, int n)
{
    double top = x[0], sum = 0.0;
    int k;
    for (k = 1; k < n; k++)
        if (x[k] > top) top = x[k];
    for (k = 0; k < n; k++) sum += exp(x[k] - top);
    return top + log(sum);
}

static void read_heads(const float *e, const float *o, const float *odd, const double mu[2],
                       opinion *out)
{
    const double tell = odd_number(o, odd), loss = odd_number(o + 4, odd);
    const double gift = odd_number(o + 8, odd), strip = odd_number(o + 12, odd);
    const double logit[OUTCOMES] = {e[0], e[1], e[2], e[3] + tell, e[3] - tell};
    const double all = log_sum(logit, OUTCOMES);
    double keeps[2], gives[2];
    int k;
    for (k = 0; k < OUTCOMES; k++) {
        out->log_p[k] = logit[k] - all;
        out->bound[k][0] = out->bound[k][1] = 0.0;
    }
    divide(e[5] + loss, e[6] + gift, &keeps[0], &gives[0]);
    divide(e[5] - loss, e[6] - gift, &keeps[1], &gives[1]);
    out->bound[OUT_MERGER][0] = sigmoid(3.0 - e[4]);
    out->bound[OUT_TWO][0] = mu[0] * keeps[0] + mu[1] * gives[1];
    out->bound[OUT_TWO][1] = mu[1] * keeps[1] + mu[0] * gives[0];
    out->bound[OUT_FIRST][0] = mu[0] * sigmoid(1.0 - (e[7] + strip));
    out->bound[OUT_SECOND][1] = mu[1] * sigmoid(1.0 - (e[7] - strip));
}

#if BOUNDS
/* At most the whole star, and no less than a third of a particle of the simulations. */
static double error_of(double log_scale) { return exp(log_scale < 0.0 ? log_scale : 0.0) + 3e-5; }

static void read_scales(const float *e, const float *o, const float *odd, opinion *out)
{
    const double two = odd_number(o, odd), survivor = odd_number(o + 4, odd);
    int k;
    for (k = 0; k < OUTCOMES; k++) out->scale[k][0] = out->scale[k][1] = 0.0;
    out->scale[OUT_MERGER][0] = error_of(e[0] - 5.5);
    out->scale[OUT_TWO][0] = error_of(e[1] - 5.5 + two);
    out->scale[OUT_TWO][1] = error_of(e[1] - 5.5 - two);
    out->scale[OUT_FIRST][0] = error_of(e[2] - 5.5 + survivor);
    out->scale[OUT_SECOND][1] = error_of(e[2] - 5.5 - survivor);
}
#endif

static void ask(int member, const float even[EVEN], const float odd[4], const double mu[2],
                opinion *out)
{
    float h[WIDTH], a[WIDTH], y[WIDTH], heads[HEADS];
    int layer, k;
    dense(even, EVEN, WIDTH, FIRST_KERNEL[member], FIRST_BIAS[member], h);
    for (layer = 0; layer < DEPTH; layer++) {
        for (k = 0; k < WIDTH; k++) a[k] = activate(h[k]);
        dense(a, WIDTH, WIDTH, LAYER_KERNEL[member][layer], LAYER_BIAS[member][layer], y);
        for (k = 0; k < WIDTH; k++) h[k] += y[k];
    }
    for (k = 0; k < WIDTH; k++) a[k] = activate(h[k]);
    dense(a, WIDTH, HEADS, HEAD_KERNEL[member], HEAD_BIAS[member], heads);
    read_heads(heads, heads + 8, odd, mu, out);
#if BOUNDS
    read_scales(heads + 24, heads + 27, odd, out);
#endif
}

/* ---- How far the stars are from the simulated ones -------------------------------------------- */

static double out_of_domain(const pair *p)
{
    double worst = 0.0, beyond = log(p->vinf > 1.0 ? p->vinf : 1.0) - FASTEST;
    int i, k;
    for (i = 0; i < 2; i++) {
        const star *s = &p->s[i];
        const double x = log(s->m), y = log(s->h), z = log(s->h / s->r);
        double least = HUGE_VAL;
        for (k = 0; k < KNOWN; k++) {
            const double dx = x - SEEN[k][0], dy = y - SEEN[k][1], dz = z - SEEN[k][2];
            const double square = dx * dx + dy * dy + dz * dz;
            if (square < least) least = square;
        }
        if (least > worst) worst = least;
    }
    if (beyond < 0.0) beyond = 0.0;
    return (sqrt(worst + 1e-12) - 1e-6 + beyond) / LN_2;
}
