/* ---- Tides: Portegies Zwart & Meinen (1993), Mardling & Aarseth (2001) ------------------------ */

static const double TIDAL_FITS[2][2][6] = {
    {{-0.397, 1.678, 1.277, -12.42, 9.446, -5.550}, {-0.909, 1.574, 12.37, -57.40, 80.10, -46.43}},
    {{-1.124, 0.877, -13.37, 21.55, -16.48, 4.124}, {-1.703, 2.653, -14.34, 12.85, -0.492, -3.600}}};

/* log10 T_l, not below -5. */
static double log_t(double log_x, const double fit[6])
{
    const double x = clip(log_x, 0.0, 1.0);
    const double t = fit[0] + x * (fit[1] + x * (fit[2] + x * (fit[3] + x * (fit[4] + x * fit[5]))));
    const double all = t + 2.0 * (log_x < 0.0 ? log_x : 0.0);
    return all > -5.0 ? all : -5.0;
}

/* Orbital energy that one passage turns into oscillations of star 1. */
static double dissipated(double m1, double m2, double r1, double rp, double vinf)
{
    const double eta = sqrt(m1 / (m1 + m2)) * pow(rp / r1, 1.5);
    const double e = 1.0 + rp * vinf * vinf / (G_NEWTON * (m1 + m2));
    const double x = eta < 10.0 ? eta : 10.0;
    const double d = fabs((x - 2.0) / 2.0);
    const double alpha = 1.0 + 0.5 * (d > 1e-4 ? d * sqrt(d) : 0.0);
    const double log_x = log10(x * pow(2.0 / (1.0 + e), alpha / 2.0));
    const double w = clip((m1 - 0.4) / 0.4, 0.0, 1.0);
    const double s = clip(10.0 - eta, 0.0, 1.0);
    const double taper = s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
    const double q = r1 / rp, q2 = q * q, q6 = q2 * q2 * q2;
    double t[2];
    int l;
    if (taper == 0.0) return 0.0;
    for (l = 0; l < 2; l++)
        t[l] = (1.0 - w) * pow(10.0, log_t(log_x, TIDAL_FITS[0][l])) +
               w * pow(10.0, log_t(log_x, TIDAL_FITS[1][l]));
    return G_NEWTON * m2 * m2 / r1 * (q6 * t[0] + q6 * q2 * t[1]) * taper;
}
