/* ---- The published networks: five numbers in, four fates and their masses out ----------------- */

static void rectify(float *y, int n)
{
    int k;
    for (k = 0; k < n; k++)
        if (y[k] < 0.0f) y[k] = 0.0f;
}

static void normalise(const layer *l, float *y)
{
    double mean = 0.0, variance = 0.0;
    float shift, factor;
    int k;
    for (k = 0; k < l->n_out; k++) mean += y[k];
    mean /= l->n_out;
    for (k = 0; k < l->n_out; k++) variance += (y[k] - mean) * (y[k] - mean);
    shift = (float)mean;
    factor = (float)(1.0 / sqrt(variance / l->n_out + 1e-5));
    for (k = 0; k < l->n_out; k++) y[k] = (y[k] - shift) * factor * l->scale[k] + l->shift[k];
}

/* Layers one after the other; those with a norm have a ReLU, before or after it. */
static void perceptron(const layer *layers, int n, int norm_first, const float *x, float *y)
{
    float a[WIDEST], b[WIDEST];
    int k;
    for (k = 0; k < n; k++) {
        const layer *l = &layers[k];
        float *out = k == n - 1 ? y : (k % 2 ? b : a);
        dense(k == 0 ? x : (k % 2 ? a : b), l->n_in, l->n_out, l->kernel, l->bias, out);
        if (l->scale == NULL) continue;
        if (norm_first) normalise(l, out);
        rectify(out, l->n_out);
        if (!norm_first) normalise(l, out);
    }
}

static void softmax(const float *x, int n, double *p)
{
    double top = x[0], sum = 0.0;
    int k;
    for (k = 1; k < n; k++)
        if (x[k] > top) top = x[k];
    for (k = 0; k < n; k++) sum += p[k] = exp(x[k] - top);
    for (k = 0; k < n; k++) p[k] /= sum;
}

#define LAYERS(layers) (layers), (int)(sizeof(layers) / sizeof(*(layers)))

/* Probabilities of the four fates, and for each the masses that it leaves. */
static void ask(const pair *p, double fate[4], double fraction[4][3])
{
    const double raw[5] = {log10(p->s[0].age + 0.001), log10(p->rp + 0.1), log10(p->vinf + 10.0),
                           log(p->s[0].m), log(p->s[1].m)};
    float x[5], out[4];
    int k;
#if MIXTURE
    float h[WIDEST];
    for (k = 0; k < 5; k++) x[k] = (float)((raw[k] - MIXTURE_MEAN[k]) / MIXTURE_STD[k]);
    perceptron(LAYERS(BACKBONE), 1, x, h);
    perceptron(LAYERS(GATE), 1, h, out);
    softmax(out, 4, fate);
    for (k = 0; k < 4; k++) {
        perceptron(EXPERTS[k], EXPERT_LAYERS, 1, h, out);
        softmax(out, 3, fraction[k]);
    }
#else
    int i;
    for (k = 0; k < 5; k++) x[k] = (float)((raw[k] - CLASSIFIER_MEAN[k]) / CLASSIFIER_STD[k]);
    perceptron(LAYERS(CLASSIFIER), 0, x, out);
    softmax(out, 4, fate);
    for (k = 0; k < 5; k++) x[k] = (float)((raw[k] - REGRESSOR_MEAN[k]) / REGRESSOR_STD[k]);
    perceptron(LAYERS(REGRESSOR), 0, x, out);
    softmax(out, 3, fraction[0]);
    for (k = 1; k < 4; k++)
        for (i = 0; i < 3; i++) fraction[k][i] = fraction[0][i];
#endif
}

/* Of one survivor only the larger mass counts; such a model does not know how sure it is. */
static double predict(const pair *p, prediction *q)
{
    double fate[4], f[4][3];
    int heavier, k;
    ask(p, fate, f);
    heavier = f[@U@_STRIPPED][0] >= f[@U@_STRIPPED][1];
    for (k = 0; k < 3; k++) q->p[k] = fate[k];
    q->p[OUT_FIRST] = heavier ? fate[@U@_STRIPPED] : 0.0;
    q->p[OUT_SECOND] = heavier ? 0.0 : fate[@U@_STRIPPED];
    for (k = 0; k < OUTCOMES; k++) q->fraction[k][0] = q->fraction[k][1] = 0.0;
    q->fraction[OUT_MERGER][0] = f[@U@_MERGER][0];
    q->fraction[OUT_TWO][0] = f[@U@_TWO][0];
    q->fraction[OUT_TWO][1] = f[@U@_TWO][1];
    q->fraction[OUT_FIRST][0] = f[@U@_STRIPPED][0];
    q->fraction[OUT_SECOND][1] = f[@U@_STRIPPED][1];
    for (k = 0; k < OUTCOMES; k++)
        q->fraction[k][2] = 1.0 - q->fraction[k][0] - q->fraction[k][1];
    return NAN;
}
