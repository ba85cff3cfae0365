/* Two stars meet. Build: cc -std=c99 main.c @P@.c -lm */
#include <stdio.h>

#include "@P@.h"

int main(void)
{
    static const char *const fates[] = {"none survives", "merger", "two survive", "stripped"};
    @P@_encounter e = @P@_meet(1.0, 1.0, 0.8, 0.5, 100.0); /* Gyr, Msun, Msun, Rsun, km/s */
    @P@_outcome out;
    int code = @P@_collide(&e, &out);
    if (code != @U@_OK) {
        fprintf(stderr, "field %d has no meaning\n", -code);
        return 1;
    }
    printf("%s: %.6f + %.6f Msun, %.6f Msun unbound\n", fates[out.fate], out.m1_final,
           out.m2_final, out.m_unbound);
    e.vinf = -1.0;
    return @P@_collide(&e, &out) == @U@_BAD_VINF ? 0 : 1;
}
