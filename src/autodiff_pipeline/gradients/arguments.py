"""The argument of a function, as numbers in a row: tensors, pytrees of tensors and modules.

A checker moves numbers; a user's function takes tensors in dictionaries, lists or a module. An
`Argument` remembers the way back. Numbers are held as float64, which holds every number of the
smaller formats exactly; a complex number counts as two, its real and its imaginary part.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils import _pytree as pytree

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Leaf:
    """One tensor of an argument: where its numbers lie among all the numbers."""

    name: str  # empty for an argument that is one tensor
    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device
    start: int
    stop: int


@dataclass(frozen=True)
class Argument:
    """The numbers of a point and the way back to what the function takes."""

    numbers: Doubles  # (n,)
    leaves: tuple[Leaf, ...]
    rebuild: Callable[[Sequence[Tensor]], Any]  # from one tensor a leaf to the function's argument
    parts: Callable[[Any], list[Tensor]]  # and back

    @property
    def size(self) -> int:
        """How many numbers a gradient has an entry for."""
        return len(self.numbers)

    @property
    def epsilon(self) -> Doubles:
        """The relative spacing of the numbers' own formats, shape (n,)."""
        out = np.empty(self.size)
        for leaf in self.leaves:
            out[leaf.start : leaf.stop] = torch.finfo(leaf.dtype).eps
        return out

    def rounded(self, rows: Doubles) -> Doubles:
        """The rows (rows, n) as the formats of the leaves hold them."""
        if all(leaf.dtype in (torch.float64, torch.complex128) for leaf in self.leaves):
            return rows
        out = rows.copy()
        for leaf in self.leaves:
            part = torch.from_numpy(np.ascontiguousarray(rows[:, leaf.start : leaf.stop]))
            real = leaf.dtype.to_real()
            out[:, leaf.start : leaf.stop] = part.to(real).double().numpy()
        return out

    def tensors(self, rows: Doubles) -> list[Tensor]:
        """Fresh tensors of shape (rows, *leaf.shape), one a leaf."""
        out = []
        for leaf in self.leaves:
            part = torch.tensor(rows[:, leaf.start : leaf.stop], dtype=torch.float64)
            part = part.to(device=leaf.device, dtype=leaf.dtype.to_real())
            if leaf.dtype.is_complex:
                part = torch.view_as_complex(part.reshape(len(rows), -1, 2))
            out.append(part.reshape(len(rows), *leaf.shape))
        return out

    def tensors_at(self, row: Doubles) -> list[Tensor]:
        """Fresh tensors of the leaves' own shapes, from numbers (n,)."""
        if len(self.leaves) == 1 and self.leaves[0].dtype == torch.float64:
            leaf = self.leaves[0]
            return [torch.tensor(row, device=leaf.device).view(leaf.shape)]
        return [t[0].clone() for t in self.tensors(row[None])]

    def name(self, index: int) -> str:
        """The name of a number: `(3,)`, `weight[0, 2]` or `(3,) imaginary`."""
        for leaf in self.leaves:
            if leaf.start <= index < leaf.stop:
                within = index - leaf.start
                part = ""
                if leaf.dtype.is_complex:
                    within, imaginary = divmod(within, 2)
                    part = " imaginary" if imaginary else " real"
                place = tuple(int(i) for i in np.unravel_index(within, leaf.shape or (1,)))
                if not leaf.name:
                    return f"{place if leaf.shape else ()}{part}"
                return f"{leaf.name}{list(place) if leaf.shape else ''}{part}"
        raise IndexError(f"no number {index} among {self.size}")


def numbers_of(tensor: Tensor) -> Doubles:
    """The numbers of a tensor in order as float64, a complex one as pairs."""
    tensor = tensor.detach()
    if tensor.dtype == torch.float64 and tensor.device.type == "cpu":
        return np.array(tensor.numpy(force=True), dtype=np.float64).reshape(-1)
    tensor = tensor.resolve_conj().resolve_neg().cpu()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.to(torch.complex128))
    return np.array(tensor.to(torch.float64).reshape(-1).numpy(), dtype=np.float64)


def _differentiable(value: object) -> bool:
    return isinstance(value, Tensor) and (value.is_floating_point() or value.is_complex())


def _key(path: Sequence[Any]) -> str:
    return ".".join(
        str(next(getattr(k, a) for a in ("key", "idx", "name") if hasattr(k, a))) for k in path
    )


def _leaves(named: Sequence[tuple[str, Tensor]]) -> tuple[tuple[Leaf, ...], Doubles]:
    leaves, parts, start = [], [np.empty(0)], 0
    for name, tensor in named:
        size = tensor.numel() * (2 if tensor.is_complex() else 1)
        shape = tuple(tensor.shape)
        leaves.append(Leaf(name, shape, tensor.dtype, tensor.device, start, start + size))
        parts.append(numbers_of(tensor))
        start += size
    return tuple(leaves), np.concatenate(parts)


def _of_module(module: nn.Module) -> Argument:
    names = [name for name, p in module.named_parameters() if _differentiable(p)]
    aliases = {name: id(p) for name, p in module.named_parameters(remove_duplicate=False)}
    first = {id(p): name for name, p in module.named_parameters()}
    state = copy.deepcopy(module)
    for alias in aliases:  # plain tensors may take the place of a parameter, once it is gone
        owner, _, attribute = alias.rpartition(".")
        delattr(state.get_submodule(owner), attribute)

    def rebuild(tensors: Sequence[Tensor]) -> nn.Module:
        values = dict(zip(names, tensors, strict=True))
        moved = copy.deepcopy(state)
        for alias, identity in aliases.items():
            owner, _, attribute = alias.rpartition(".")
            setattr(moved.get_submodule(owner), attribute, values[first[identity]])
        return moved

    def parts(value: nn.Module) -> list[Tensor]:
        found = []
        for name in names:
            owner, _, attribute = name.rpartition(".")
            found.append(getattr(value.get_submodule(owner), attribute))
        return found

    parameters = dict(module.named_parameters())
    leaves, numbers = _leaves([(name, parameters[name]) for name in names])
    return Argument(numbers, leaves, rebuild, parts)


def argument_of(point: Any) -> Argument:
    """Take a point apart.

    Args: point, a tensor, a pytree (dictionaries, lists, tuples, named tuples) with floating or
    complex tensors among its leaves, or an `nn.Module`, whose parameters are the numbers. Leaves
    of other kinds, integer tensors among them, are constants.
    Raises: ValueError if nothing in it can be differentiated.
    """
    if isinstance(point, nn.Module):
        return _of_module(point)
    paths, structure = pytree.tree_flatten_with_path(point)
    places = [i for i, (_, value) in enumerate(paths) if _differentiable(value)]
    if not places:
        raise ValueError(
            f"the point is {type(point).__name__} without a floating-point tensor in it: give a "
            "tensor, a pytree of tensors, or an nn.Module"
        )
    leaves, numbers = _leaves([(_key(paths[i][0]), paths[i][1]) for i in places])
    constants = [v.clone() if isinstance(v, Tensor) else v for _, v in paths]

    def rebuild(tensors: Sequence[Tensor]) -> Any:
        values = list(constants)
        for place, tensor in zip(places, tensors, strict=True):
            values[place] = tensor
        return pytree.tree_unflatten(values, structure)

    def parts(value: Any) -> list[Tensor]:
        return [v for v in pytree.tree_leaves(value) if _differentiable(v)]

    return Argument(numbers, leaves, rebuild, parts)


def for_a_gradient(argument: Argument, row: Doubles) -> Any:
    """The function's argument at numbers (n,) as gradients take it: a module has parameters."""
    tensors = argument.tensors_at(row)
    value = argument.rebuild(tensors)
    if isinstance(value, nn.Module):
        parameters = {id(tensor): nn.Parameter(tensor) for tensor in tensors}
        for module in value.modules():
            for name, tensor in list(vars(module).items()):
                if id(tensor) in parameters:
                    delattr(module, name)
                    module.register_parameter(name, parameters[id(tensor)])
    return value


def jacobian_numbers(argument: Argument, gradient: Any, output: tuple[int, ...]) -> Doubles | str:
    """A user's gradient as a matrix (outputs, n), or a sentence saying why it is none.

    Args: gradient, of the structure of the point, its leaves of shape (*output, *leaf); for an
    `nn.Module` a mapping by name, a module of that shape, or a sequence in the parameters' order.
    """
    if isinstance(gradient, nn.Module):
        gradient = dict(gradient.named_parameters())
    if isinstance(gradient, Tensor):
        tensors: list[Tensor | None] = [gradient]
    elif isinstance(gradient, dict) and {leaf.name for leaf in argument.leaves} <= set(gradient):
        tensors = [gradient[leaf.name] for leaf in argument.leaves]
    else:
        tensors = [v for v in pytree.tree_leaves(gradient) if v is None or not isinstance(v, str)]
        if len(tensors) != len(argument.leaves):
            tensors = [v for v in tensors if _differentiable(v)]  # less constants
    if len(tensors) != len(argument.leaves):
        return f"the gradient has {len(tensors)} tensors, the point {len(argument.leaves)}"
    out = np.zeros((prod(output), argument.size))
    for leaf, tensor in zip(argument.leaves, tensors, strict=True):
        if tensor is None:  # as torch.autograd.grad leaves out what it found no path to
            continue
        tensor = torch.as_tensor(tensor)
        wanted = (*output, *leaf.shape)
        if tuple(tensor.shape) != wanted:
            of = f" of {leaf.name}" if leaf.name else ""
            return f"the gradient{of} has shape {tuple(tensor.shape)}, but should have {wanted}"
        if leaf.dtype.is_complex and not tensor.is_complex():
            tensor = tensor.to(leaf.dtype)
        elif tensor.is_complex() and not leaf.dtype.is_complex:
            return "the gradient is complex, the point real"
        out[:, leaf.start : leaf.stop] = numbers_of(tensor).reshape(
            prod(output), leaf.stop - leaf.start
        )
    return out
