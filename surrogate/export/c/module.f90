! Fortran 2003: what @P@.h declares. Made by `surrogate export --format c --model @MODEL@`.
module @P@_module
   use, intrinsic :: iso_c_binding, only: c_double, c_int, c_long, c_size_t
   implicit none
   private

   integer(c_int), parameter, public :: @P@_ok = 0
   !> Regimes.
   integer(c_int), parameter, public :: @P@_collision = 0, @P@_capture = 1, @P@_flyby = 2
   !> Fates.
   integer(c_int), parameter, public :: @P@_none = 0, @P@_merger = 1, @P@_two = 2, &
      & @P@_stripped = 3
   !> Of what may be left out.
   real(c_double), parameter, public :: @P@_unknown = -1.0_c_double

   !> Two stars about to meet; units in the header.
   type, bind(C), public :: @P@_encounter
      real(c_double) :: age, m1, m2, rp, vinf
      real(c_double) :: r1 = -1.0_c_double, r2 = -1.0_c_double, age2 = -1.0_c_double
      real(c_double) :: rh1 = -1.0_c_double, rh2 = -1.0_c_double
   end type

   type, bind(C), public :: @P@_bounds
      real(c_double) :: low68, high68, low95, high95
   end type

   !> What is left.
   type, bind(C), public :: @P@_outcome
      integer(c_int) :: regime, fate
      real(c_double) :: p_none, p_merger, p_two, p_stripped
      real(c_double) :: p_survivor1, p_survivor2
      real(c_double) :: m1_final, m2_final, m_unbound
      type(@P@_bounds) :: m1_bounds, m2_bounds, unbound_bounds
      real(c_double) :: ood
      integer(c_int) :: in_domain, reason
   end type

   public :: @P@_collide, @P@_collide_batch, @P@_radius, @P@_zams_age, @P@_tams_age

   interface
      function @P@_collide(encounter, outcome) bind(C) result(code)
         import :: @P@_encounter, @P@_outcome, c_int
         type(@P@_encounter), intent(in) :: encounter
         type(@P@_outcome), intent(out) :: outcome
         integer(c_int) :: code
      end function

      function @P@_collide_batch(n, encounters, outcomes) bind(C) result(bad)
         import :: @P@_encounter, @P@_outcome, c_size_t, c_long
         integer(c_size_t), value :: n
         type(@P@_encounter), intent(in) :: encounters(n)
         type(@P@_outcome), intent(out) :: outcomes(n)
         integer(c_long) :: bad
      end function

      pure function @P@_radius(mass, age) bind(C) result(r)
         import :: c_double
         real(c_double), value, intent(in) :: mass, age
         real(c_double) :: r
      end function

      pure function @P@_zams_age(mass) bind(C) result(t)
         import :: c_double
         real(c_double), value, intent(in) :: mass
         real(c_double) :: t
      end function

      pure function @P@_tams_age(mass) bind(C) result(t)
         import :: c_double
         real(c_double), value, intent(in) :: mass
         real(c_double) :: t
      end function
   end interface
end module
