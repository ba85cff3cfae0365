/* ---- Effective ages of the remnants: Hurley et al. (2000), Hurley, Tout & Pols (2002) --------- */

/* Of the product of a merger, which mixes fully; s are scaled ages t / t_MS. */
static double merged_age(double m1, double m2, double s1, double s2, double mass)
{
    const double s = 0.1 * (m1 * s1 + m2 * s2) / mass;
    return @P@_tams_age(mass) * (s < 1.0 ? s : 1.0);
}

/* Of a star that lost or gained mass: a core that is not radiative takes in fresh hydrogen. */
static double survivor_age(double before, double s, double mass)
{
    const int mixed = mass > before && (mass < 0.35 || mass > 1.25);
    return @P@_tams_age(mass) * s * (mixed ? before / mass : 1.0);
}

/* New age of remnant k; of a star that is unchanged or destroyed, the age that it had. */
static double age_after(const double m[2], const double age[2], int fate, double mass, int k)
{
    const double s1 = age[0] / @P@_tams_age(m[0]), s2 = age[1] / @P@_tams_age(m[1]);
    if (mass <= 0.0) return age[k];
    if (fate == @U@_MERGER) return merged_age(m[0], m[1], s1, s2, mass);
    return mass == m[k] ? age[k] : survivor_age(m[k], k == 0 ? s1 : s2, mass);
}
