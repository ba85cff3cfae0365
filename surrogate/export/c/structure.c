/* ---- Structure of main-sequence stars: cubic B-splines ---------------------------------------- */

/* First of the four coefficients that matter at q, and their weights. */
static int cell(double q, double low, double high, int coefficients, double weight[4])
{
    const int cells = coefficients - 3;
    const double position = (q - low) * (cells / (high - low));
    double index = floor(position);
    double t, r;
    if (index < 0.0) index = 0.0;
    if (index > cells - 1) index = cells - 1;
    t = position - index;
    r = 1.0 - t;
    weight[0] = r * r * r / 6.0;
    weight[1] = (4.0 - 3.0 * t * t * (2.0 - t)) / 6.0;
    weight[2] = (4.0 - 3.0 * r * r * (2.0 - r)) / 6.0;
    weight[3] = t * t * t / 6.0;
    return (int)index;
}

static double curve(const double *table, double x)
{
    double w[4];
    const int i = cell(x, LN_MASS_LOW, LN_MASS_HIGH, MASS_COEFFICIENTS, w);
    return w[0] * table[i] + w[1] * table[i + 1] + w[2] * table[i + 2] + w[3] * table[i + 3];
}

#define LEFT_OUT(x) ((x) == @U@_UNKNOWN)

static double clip(double x, double low, double high)
{
    return x < low ? low : (x > high ? high : x);
}

/* Where a star stands in the tables: ln M, and the stretched scaled age. */
typedef struct {
    double x, u;
} place;

static place place_of(double mass, double age)
{
    place at;
    double s;
    mass = clip(mass, 0.1, 100.0);
    at.x = log(mass);
    s = clip(age * (mass * mass / curve(LIFETIME, at.x)), 0.0, 1.1);
    at.u = log(s + 1e-3) + 2.0 / (1.0 + exp((0.99 - s) / 0.02));
    return at;
}

/* Channels of a table at a place. */
static void surface(const double *table, int rows, int columns, int channels, place at, double *out)
{
    double wx[4], wu[4];
    const int i = cell(at.x, LN_MASS_LOW, LN_MASS_HIGH, rows, wx);
    const int j = cell(at.u, U_LOW, U_HIGH, columns, wu);
    int a, b, c;
    for (c = 0; c < channels; c++) out[c] = 0.0;
    for (a = 0; a < 4; a++)
        for (b = 0; b < 4; b++) {
            const double *here = table + ((size_t)(i + a) * columns + (j + b)) * channels;
            for (c = 0; c < channels; c++) out[c] += wx[a] * wu[b] * here[c];
        }
}

static double radius_at(place at)
{
    double ln_radius;
    surface(LOG_RADIUS, MASS_COEFFICIENTS, AGE_COEFFICIENTS, 1, at, &ln_radius);
    return exp(ln_radius);
}

double @P@_radius(double mass, double age) { return radius_at(place_of(mass, age)); }
double @P@_zams_age(double mass) { return exp(curve(LOG_ZAMS, log(clip(mass, 0.1, 100.0)))); }
double @P@_tams_age(double mass) { return exp(curve(LOG_TAMS, log(clip(mass, 0.1, 100.0)))); }
