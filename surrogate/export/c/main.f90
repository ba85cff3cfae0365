! Two stars meet. Build: cc -std=c99 -c @P@.c && gfortran @P@_module.f90 main.f90 @P@.o -lm
program main
   use @P@_module
   implicit none
   type(@P@_encounter) :: e
   type(@P@_outcome) :: out

   e = @P@_encounter(age=1.0d0, m1=1.0d0, m2=0.8d0, rp=0.5d0, vinf=100.0d0)
   if (@P@_collide(e, out) /= @P@_ok) stop 1
   print "(a, i0, 3(a, f9.6))", "fate ", out%fate, ": ", out%m1_final, " + ", out%m2_final, &
      & " Msun, unbound ", out%m_unbound
end program
