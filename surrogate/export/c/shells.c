/* ---- Shells of the stars, and how deep the two meet ------------------------------------------- */

/* Radii that enclose the fractions of the mass, from 0 to the surface. */
static void shells_of(place at, double size, double half, double r[SHELLS])
{
    double step[SHELLS - 2], depth = 0.0, stretch = 1.0;
    int k;
    surface(LOG_SHELLS, SHELL_ROWS, SHELL_COLUMNS, SHELLS - 2, at, step);
    r[SHELLS - 1] = 0.0;
    for (k = SHELLS - 2; k > 0; k--) {
        depth += exp(step[k - 1]);
        r[k] = -depth; /* ln of the share of the radius */
    }
    if (!LEFT_OUT(half)) stretch = log(half / size) / r[HALF_SHELL];
    for (k = 1; k < SHELLS; k++) r[k] = size * exp(stretch * r[k]);
    r[0] = 0.0;
}

/* Height of the shells that touch at pericentre: a monotone cubic through the shells. */
static double contact_height(const double r1[SHELLS], const double r2[SHELLS], double rp)
{
    double node[SHELLS], width[SHELLS - 1], slope[SHELLS - 1], tangent[SHELLS], t;
    int k;
    for (k = 0; k < SHELLS; k++) node[k] = r1[k] + r2[k];
    if (rp >= node[SHELLS - 1]) return 1.0;
    for (k = 0; k < SHELLS - 1; k++) {
        width[k] = node[k + 1] - node[k];
        slope[k] = (HEIGHTS[k + 1] - HEIGHTS[k]) / width[k];
    }
    tangent[0] = slope[0];
    tangent[SHELLS - 1] = slope[SHELLS - 2];
    for (k = 1; k < SHELLS - 1; k++) {
        const double a = 2.0 * width[k] + width[k - 1], b = width[k] + 2.0 * width[k - 1];
        tangent[k] = (a + b) / (a / slope[k - 1] + b / slope[k]);
    }
    for (k = 0; k < SHELLS - 2 && rp >= node[k + 1]; k++) continue;
    t = (rp - node[k]) / width[k];
    return HEIGHTS[k] +
           width[k] * t *
               (tangent[k] + t * ((3.0 * slope[k] - 2.0 * tangent[k] - tangent[k + 1]) +
                                  t * (tangent[k] + tangent[k + 1] - 2.0 * slope[k])));
}
