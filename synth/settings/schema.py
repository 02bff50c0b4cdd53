"""The settings of a run: frozen dataclasses, each field with its type, bounds, flag and meaning.

A setting's name on the command line is `section.field` (`--set search.population=100`), in the environment
`SYNTH_SECTION__FIELD`, in a TOML file a key of the table `[section]`; `resolve.py` reads them.
"""

from dataclasses import dataclass, field, is_dataclass
from operator import attrgetter
from shlex import quote
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

from synth.tasks.names import (
    AUTO,
    CLASS_WEIGHTS_HELP,
    FEW_GROUPS,
    IN_MACHINE_CODE,
    METRIC_HELP,
    MOST_PAIRS,
    NO_WEIGHTS,
    TABLE_HELP,
    Missing,
    canonical,
)

EngineName = Literal["native", "python"]

Dtype = Literal["float32", "float64"]

TENSORBOARD = "tensorboard:"
"""What stands before the folder into which a run is logged for TensorBoard."""

Level = Literal["full", "process", "off"]
"""How much of the sandbox is asked for: all of it, what every system has, or only a process of its own."""


@dataclass(frozen=True)
class Range:
    """The bounds of a number, both included; None for no upper one."""

    least: float
    most: float | None = None


@dataclass(frozen=True)
class Flag:
    """An option of `synth run` for a setting: its name, its help and what stands for its value there."""

    name: str
    help: str
    metavar: str | None = None


Extra = TypeVar("Extra", Range, Flag)

Positive = Annotated[int, Range(1)]
NonNegative = Annotated[int, Range(0)]
NonNegativeFloat = Annotated[float, Range(0)]
Share = Annotated[float, Range(0, 1)]
PositiveOrNone = Annotated[int | None, Range(1)]


@dataclass(frozen=True, repr=False)
class Mix:
    """How the search tasks of some islands differ from those that `data` describes; None where they do not.

    As a text it is words `name=value`, such as `name=digits train=800`, or `same`.
    """

    name: str | None = None
    features: int | None = None
    tasks: int | None = None
    train: int | None = None
    valid: int | None = None
    epochs: int | None = None

    def __repr__(self) -> str:
        words = (f"{key}={quote(str(value))}" for key, value in vars(self).items() if value is not None)
        return " ".join(words) or "same"


@dataclass(frozen=True)
class DataConfig:
    """What programs are evaluated on. None stands for the data set's own default."""

    name: Annotated[str, Flag("--data", TABLE_HELP)] = "auto"
    """A data set's name, as `synth data` lists them, auto, or the path of an .npz file or of a table, which
    the run keeps in its folder, prepared, as an .npz file."""
    features: Annotated[PositiveOrNone, Flag("--features", "Features of each example (F).")] = None
    """Features of an example (F)."""
    tasks: PositiveOrNone = None
    """Search tasks."""
    train: PositiveOrNone = None
    """Training examples of a search task."""
    valid: PositiveOrNone = None
    """Validation examples of a search task."""
    epochs: Positive = 1
    """Passes over the training examples."""
    select_tasks: PositiveOrNone = None
    """Selection tasks, on which improvements are compared."""
    select_train: PositiveOrNone = None
    """Training examples of a selection or test task."""
    select_valid: PositiveOrNone = None
    """Validation examples of a selection task."""
    report_tasks: PositiveOrNone = None
    """Report tasks, for the final comparison; None for three of each pair of the selection tasks."""
    test_tasks: PositiveOrNone = None
    """Test tasks, for the final figures alone."""
    default_tasks: Literal["reference", "ample"] = "reference"
    """How many search tasks there are where `tasks` does not say. reference: as many as AutoML-Zero has.
    ample: 16, or 128 where a task has fewer than 200 validation examples, as those of digits."""
    default_valid: Literal["reference", "all"] = "reference"
    """How many validation examples search tasks have where `valid` does not say. reference: as AutoML-Zero's.
    all: all that training leaves, 2000 on CIFAR-10."""
    held_out_classes: tuple[int, ...] = ()
    """Numbers of the classes whose pairs selection and report tasks have; search tasks have those of the
    others. Without any, the data set's own held-out pairs."""
    class_pairs: Annotated[int, Range(FEW_GROUPS)] = MOST_PAIRS
    """Most pairs of classes that there are tasks of. Of more, a fixed sample is taken, in which each class
    comes at least once and about as often as every other. Ten classes have 45."""
    class_weights: Annotated[str, Flag("--class-weights", CLASS_WEIGHTS_HELP)] = NO_WEIGHTS
    """How often training rows are shown, by class, in the tasks of all splits: they are resampled to as many
    by a fixed seed. none: as they are. balanced: both classes of a task equally often. Or weights of rows by
    the name or else the number of a class, such as `no:1,yes:10`; a class that is not named has 1."""
    redraw: bool = False
    """Draw new search tasks for each experiment (synthetic teachers)."""
    own_tasks: bool = False
    """Each seed has search tasks of its own; without, all seeds search on the same."""
    fresh_rounds: Annotated[int, Range(0)] = 0
    """Rounds after which all islands go on to new search tasks and score their programs anew; 0 for never."""
    metric: Annotated[
        str,
        Flag("--metric", METRIC_HELP, "NAME"),
    ] = "auto"
    """How predictions are scored, in search, selection, report and comparisons: accuracy, balanced_accuracy,
    log_loss or auc; in a regression rmse, mae or r2; or `package.module:function`, which is called with s1,
    probability and labels and returns a number from 0 to 1, where more is better. auto: accuracy or rmse."""
    mix: tuple[Mix, ...] = ()
    """Search tasks that islands take in turn: each a text such as `name=digits train=800 epochs=10`, in which
    name, features, tasks, train, valid and epochs differ from the settings above; `same` changes nothing."""
    label: Annotated[
        str | None,
        Flag("--label", "Column of a table to predict: its name or number, -1 for the last.", "COLUMN"),
    ] = None
    """The column of a table that holds the labels: its name, or its number from 0, -1 for the last. For X.npy
    it may be another file, y.npy."""
    missing: Annotated[
        Missing,
        Flag("--missing", "Missing values of a table: refuse them, drop their rows, or fill them in."),
    ] = "refuse"
    """Missing values of a table. refuse: say where they are. drop: leave out their rows. mean, median: fill
    in numbers, by their column's outside of the test rows; a missing text is a category of its own."""

    @property
    def search_valid(self) -> int | Literal["all"] | None:
        """How many validation examples search tasks have, as `task_set` takes it."""
        return "all" if self.valid is None and self.default_valid == "all" else self.valid


@dataclass(frozen=True)
class ProgramConfig:
    """The space of programs: addresses, op ids and sizes of the three functions."""

    scalars: Annotated[int, Range(2)] = 5
    """Scalar addresses, label and prediction included."""
    vectors: Positive = 9
    """Vector addresses, features included."""
    matrices: NonNegative = 2
    """Matrix addresses."""
    setup_ops: tuple[int, ...] = ()
    """Ids of the ops allowed in setup."""
    predict_ops: tuple[int, ...] = ()
    """Ids of the ops allowed in predict."""
    learn_ops: tuple[int, ...] = ()
    """Ids of the ops allowed in learn."""
    setup_min: NonNegative = 0
    """Fewest instructions of setup that a removal leaves."""
    setup_max: NonNegative = 7
    """Insertion into setup stops at one below this size."""
    predict_min: NonNegative = 0
    """Fewest instructions of predict that a removal leaves."""
    predict_max: NonNegative = 11
    """Insertion into predict stops at one below this size."""
    learn_min: NonNegative = 0
    """Fewest instructions of learn that a removal leaves."""
    learn_max: NonNegative = 23
    """Insertion into learn stops at one below this size."""
    setup_start: NonNegative = 0
    """Instructions of setup in a random start program."""
    predict_start: NonNegative = 0
    """Instructions of predict in a random start program."""
    learn_start: NonNegative = 0
    """Instructions of learn in a random start program."""


@dataclass(frozen=True)
class MutationConfig:
    """How a child differs from its parent."""

    kinds: tuple[str, ...] = ()
    """Mutations to draw from, each a name, or one's own as `package.module:function`, perhaps with a weight
    behind: `name:weight`, `package.module:function:weight`; without one it is 1."""
    probability: Share = 0.9
    """Probability that a child is mutated (U); otherwise it is a copy."""
    families: Share = 0.0
    """Probability that a mutation on the data flow draws ops by family (sums, products and so on), in
    proportion to the use of families in the best programs of finished restarts; otherwise uniformly."""
    constants: Literal["reference", "paper"] = "reference"
    """Constant change: exp(N(0, 1)) steps, or times U[0.5, 2]; a sign flip in one of ten in both."""


@dataclass(frozen=True)
class SearchConfig:
    """The search method; each part can be switched off."""

    method: Literal["evolution", "random"] = "evolution"
    """Regularized evolution, or random search as the baseline to beat."""
    start: Annotated[str, Flag("--start", "empty, random, a template's name, or FILE.py.")] = "empty"
    """empty, random, valid (random programs in which data flows), a template's name, or a module's path."""
    genome: Literal["whole", "live"] = "whole"
    """whole: children keep their dead statements. live: each child loses them before it is scored."""
    population: Annotated[Positive, Flag("--population", "Programs on each island.")] = 100
    """Programs of an island (P)."""
    tournament: Annotated[Positive, Flag("--tournament", "Programs in each tournament.")] = 10
    """Programs of a tournament (T)."""
    islands: Annotated[Positive, Flag("--islands", "Number of populations that evolve apart.")] = 4
    """Independent populations; never derived from the number of workers."""
    round_candidates: Positive = 1000
    """Candidates that an island considers in one round."""
    experiment_rounds: NonNegative = 0
    """Rounds after which an island starts anew; 0 for never."""
    restart_rounds: NonNegative = 0
    """Rounds of the shortest restart; 0 for no restarts. By turns, for four times as many rounds islands
    restart after 1, 2 or 4 times as many, as in Luby's sequence, and then go on from a pool of the best."""
    static_rejection: bool = True
    """Give fitness 0, without evaluation, to programs that cannot learn."""
    feedback_islands: NonNegative = 0
    """Islands, the last ones, that also reject programs in which no error feeds back (prior knowledge)."""
    parsimony: NonNegativeFloat = 0.0
    """Price of a live statement where programs are compared, in units of noise: the standard error, over
    search tasks, of the difference in fitness of distinct good structures, which an island takes at the end
    of its first round; 0 for no price."""
    structure_share: Annotated[float, Range(0.01, 1)] = 1.0
    """Most of a population that programs of one structure, alike but for constants, may take."""
    keep_best: bool = False
    """Keep the only copy of the best program of a population, however old it is."""
    new_programs_only: bool = True
    """Mutate again until the child differs from every program seen and can learn."""
    symbolic_hash: bool = True
    """Remember the canonical forms of programs seen; without, a new program differs from its parent alone."""
    keep_neutral_edits: bool = True
    """While mutating again, go on from a child that only repeats its parent's program."""
    retries: Positive = 100
    """Most mutations in a row for one child."""
    fec: bool = True
    """Functional equivalence check: programs with the same first errors share a fitness."""
    fec_train: Positive = 10
    """Training examples of the equivalence check."""
    fec_valid: NonNegative = 10
    """Validation examples of the equivalence check."""
    fec_capacity: Positive = 100_000
    """Entries that the equivalence cache keeps, least recently used first to go."""
    fec_forget: NonNegative = 100
    """Uses after which an entry of the equivalence cache is dropped; 0 for never."""
    hurdle_train: NonNegative = 0
    """Training examples of a first stage that a program must pass to be evaluated in full; 0 for all."""
    hurdle_tasks: NonNegative = 0
    """Search tasks of that first stage; 0 for all. Without either there is no hurdle."""
    hurdle_valid: PositiveOrNone = None
    """Validation examples of that first stage; None for all by accuracy or rmse, and for 500 by a metric that
    takes longer."""
    hurdle_percentile: Annotated[float, Range(0, 100)] = 75.0
    """Percentile, of the unique first-stage fitnesses of the last P programs, that a program must reach."""
    hurdle_errors: NonNegativeFloat = 0.0
    """Paired standard errors of the first stage by which a program may be behind the island's best one and
    pass too; one that does not pass then never wins a tournament against one that did. 0 for neither."""
    race_trials: NonNegative = 0
    """Other sets of constants that a structure is tried with in the first stage, when it is new and within
    two standard errors of the best program there; the best of them goes on. 0 for no race; without a hurdle
    there is none either."""
    migration_rounds: NonNegative = 0
    """Rounds after which islands exchange programs; 0 for never."""
    migration_share: Share = 0.5
    """Share of a population that is exchanged, each time with programs of all islands."""
    immigrants: Annotated[
        str, Flag("--immigrants", "Folder whose modules join the search while it goes on.", metavar="PATH")
    ] = ""
    """Folder whose modules join all islands at the next migration; empty for none."""
    freeze: Annotated[
        tuple[str, ...],
        Flag("--freeze", "A function of the start program to keep: setup, predict or learn.", metavar="NAME"),
    ] = ()
    """Functions of the start program that stay as they are: setup, predict, learn."""
    budget_factor: NonNegativeFloat = 2.0
    """Cost allowed, in units of `budget_program`'s, in the reference's cost units; 0 for no limit."""
    budget_program: str = "neural_net"
    """The template that sets the unit of the train budget."""


@dataclass(frozen=True)
class FitnessConfig:
    """How fitness is computed."""

    combine: Literal["mean", "median"] = "mean"
    """How a program's fitness comes from those of its tasks."""
    tuning_trials: NonNegative = 200
    """Trials in which the constants of the best program and of the baselines are tuned on selection tasks,
    for the final comparison; at most 5 with more than 64 features; 0 for no comparison of tuned programs."""
    dtype: Dtype = "float32"
    """Number format of the search; announced figures are always float64."""


@dataclass(frozen=True)
class LimitsConfig:
    """When a run ends; None for no limit. Limits are looked at between rounds."""

    seconds: Annotated[
        float | None, Range(0), Flag("--max-seconds", "End after this many seconds in all.")
    ] = None
    """Wall-clock seconds of searching."""
    candidates: Annotated[
        PositiveOrNone, Flag("--max-candidates", "End after this many candidates in all.")
    ] = None
    """Candidates considered."""
    train_steps: Annotated[
        PositiveOrNone, Flag("--max-train-steps", "End after this many train steps in all.")
    ] = None
    """Train steps done (a predict and a learn on one example of one task)."""
    target: Annotated[
        float | None,
        Range(0, 1),
        Flag("--target", "End at this selection fitness; exit code 1 when it is not reached."),
    ] = None
    """Selection fitness at which the run ends."""


@dataclass(frozen=True)
class RunConfig:
    """How a run is carried out; nothing here changes its results."""

    workers: Annotated[
        PositiveOrNone, Flag("--workers", "Worker processes; any number gives the same result.")
    ] = None
    """Worker processes; None for one for each processor that this process may use."""
    cluster: Annotated[
        str | None,
        Flag(
            "--cluster",
            "Ray cluster that plays the rounds: local starts one here, auto or an address joins one.",
            metavar="auto|local|ADDRESS|none",
        ),
    ] = None
    """Ray cluster whose processors play the rounds: `local` starts one here, `auto` joins the one that runs
    here, an address such as `10.0.0.1:6379` joins that; None for processes of this machine alone."""
    engine: Annotated[
        EngineName,
        Flag(
            "--engine", "native: fast, runs ops. python: every candidate's module runs in the sandbox; slow."
        ),
    ] = "native"
    """native: the lockstep machine. python: every candidate's module is executed in the sandbox."""
    sandbox: Annotated[Level, Flag("--sandbox", "Confinement of the workers.")] = "full"
    """Confinement of the workers."""
    plugins: str = ""
    """Folder in which functions of one's own, named as `package.module:function`, are looked up before
    installed ones; the one in which the run was started."""
    log: Annotated[
        str, Flag("--log", "Log the run for TensorBoard as well.", metavar="tensorboard:FOLDER")
    ] = ""
    """Where the run is logged beside its folder: `tensorboard:FOLDER`, in which the run's name is a folder of
    its own; empty for nowhere."""
    checkpoint_seconds: NonNegativeFloat = 5.0
    """Least time between two checkpoints; 0 for one after each round."""


@dataclass(frozen=True)
class Config:
    """Everything that defines a run."""

    preset: str = "quick"
    seed: Annotated[int, Range(0, 2**63 - 1), Flag("--seed", "Seed of all random choices.")] = 0
    data: DataConfig = field(default_factory=DataConfig)
    program: ProgramConfig = field(default_factory=ProgramConfig)
    mutation: MutationConfig = field(default_factory=MutationConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    fitness: FitnessConfig = field(default_factory=FitnessConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    run: RunConfig = field(default_factory=RunConfig)

    @property
    def hurdle_valid(self) -> int | None:
        """How many validation examples the first stage has, None for all."""
        quick = canonical(self.data.metric) in (AUTO, *IN_MACHINE_CODE)
        return 500 if self.search.hurdle_valid is None and not quick else self.search.hurdle_valid


def _extras(kind: type[Extra]) -> dict[str, Extra]:
    """Return the ranges, or the flags, of the settings that have one."""
    return {
        key: extra
        for key, hint in HINTS.items()
        for extra in getattr(hint, "__metadata__", ())
        if isinstance(extra, kind)
    }


_SECTIONS = get_type_hints(Config, include_extras=True)

HINTS: dict[str, Any] = {name: hint for name, hint in _SECTIONS.items() if not is_dataclass(hint)} | {
    f"{name}.{key}": hint
    for name, section in _SECTIONS.items()
    if is_dataclass(section)
    for key, hint in get_type_hints(section, include_extras=True).items()
}
"""The annotation of each setting by its full name: its type, with its range and its flag if it has them."""

RANGES = _extras(Range)
"""The bounds of each number."""

FLAGS = {flag.name: key for key, flag in _extras(Flag).items()}
"""The setting of each flag of `synth run`."""


def settings_of(config: Config) -> dict[str, Any]:
    """Return each setting's value by its full name."""
    return {key: attrgetter(key)(config) for key in HINTS}
