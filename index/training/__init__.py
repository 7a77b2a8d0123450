"""Learning the bundled models; needs the extra ``train``. The command line is :mod:`index.train`."""
