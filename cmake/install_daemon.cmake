# What the daemon needs on a machine, as component `daemon`: the program, the units of systemd, the
# user it runs as, and the commented configuration as an example. `emulator`: the stand-in for Wix.
include(GNUInstallDirs)

install(TARGETS wixtokend RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT daemon)
install(TARGETS wix-oauth-emulator
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT emulator)

# Units of one text under two names: %N in them tells the template's instances apart.
set(units "${PROJECT_SOURCE_DIR}/systemd")
set(unit_folder lib/systemd/system)
install(FILES
  "${units}/wixtokend.service" "${units}/wixtokend.socket"
  "${units}/wixtokend-admin.socket" "${units}/wixtokend-admin@.socket"
  DESTINATION "${unit_folder}" COMPONENT daemon)
install(FILES "${units}/wixtokend.service"
  DESTINATION "${unit_folder}" RENAME wixtokend@.service COMPONENT daemon)
install(FILES "${units}/wixtokend.socket"
  DESTINATION "${unit_folder}" RENAME wixtokend@.socket COMPONENT daemon)
install(FILES "${units}/wixtokend.sysusers"
  DESTINATION lib/sysusers.d RENAME wixtokend.conf COMPONENT daemon)

install(FILES "${PROJECT_SOURCE_DIR}/config/wixtokend.toml"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" COMPONENT daemon)
