"""The roof: settings, addresses, processes and the command line. It knows every room and is known by none."""
