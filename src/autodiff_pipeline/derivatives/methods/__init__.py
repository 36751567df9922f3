"""Every way to a derivative, one module a family; `registry` names them all."""
