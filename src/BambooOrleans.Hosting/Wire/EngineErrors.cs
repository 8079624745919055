using BambooOrleans.Building;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Wire;

/// <summary>Turns errors into a code, a message and details, and these into errors of the same type again.</summary>
public static class EngineErrors
{
    /// <summary>The code of an error that the engine did not foresee.</summary>
    public const string Internal = "internal";

    /// <summary>What an error says beside its code and message, by names in snake case; empty where that is all.</summary>
    public static MapValue DetailsOf(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error switch
        {
            PipelineTreeException tree => Value.Map(("path", tree.Path)),
            PipelineBuildException built => Value.Map(("element_id", built.ElementId)),
            ConnectionValidateException connection => Value.Map(("failed_nodes", Value.Map(connection.FailedNodes.Select(node =>
                (node.Key, (Value)Value.List(node.Value.Select(problem => (Value)problem))))))),
            TreeInvalidException cycle => Value.Map(("cycle", Value.List(cycle.Cycle.Select(id => (Value)id)))),
            ConvergeMatchException converge => Value.Map(("gateway_id", converge.GatewayId)),
            StreamValidateException stream => Value.Map(("node_id", stream.NodeId)),
            IsolateNodeException isolated => Value.Map(("node_id", isolated.NodeId)),
            StartPositionInvalidException start => Value.Map(("node_id", start.NodeId)),
            ExpressionException expression => Value.Map(("template", expression.Template), ("reason", expression.Reason)),
            BooleanRuleException rule => Value.Map(("expression", rule.Expression), ("python_class", rule.PythonClass)),
            BooleanRuleParseException rule => Value.Map(("expression", rule.Expression), ("position", rule.Position)),
            _ => MapValue.Empty,
        };
    }

    /// <summary>
    /// The error of a code, message and details: of the type that has this code, where there is one and the details are its; otherwise a
    /// <see cref="RemoteFailureException"/>. Code and message are always the given ones.
    /// </summary>
    public static BambooException Create(string code, string message, MapValue? details = null)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(message);
        BambooException? error;
        try
        {
            error = Typed(code, message, AnswerMembers.Of(details ?? MapValue.Empty, "details"));
        }
        catch (AnswerFormatException)
        {
            error = null;
        }

        // A type that words its message itself may do so otherwise than the version that sent it.
        return error is not null && error.Code == code && error.Message == message ? error : new RemoteFailureException(code, message);
    }

    private static BambooException? Typed(string code, string message, AnswerMembers details) => code switch
    {
        "not-found" => new NotFoundException(message),
        "illegal-transition" => new IllegalTransitionException(message),
        "state-version-mismatch" => new StateVersionMismatchException(message),
        "already-exists" => new AlreadyExistsException(message),
        "invalid-argument" => new InvalidArgumentException(message),
        "engine-overloaded" => new EngineOverloadedException(message),
        "engine-unavailable" => new EngineUnavailableException(message),
        "start-position-invalid" => new StartPositionInvalidException(details.Text("node_id")),
        "tree.connection" => new ConnectionValidateException(AnswerMembers.MapOf(
            details.Required("failed_nodes"), "failed_nodes", (problems, path) => AnswerMembers.ListOf(problems, path, AnswerMembers.TextOf))),
        "tree.cycle" => Cycle(message, details.Texts("cycle")),
        "tree.converge" => Worded(message, problem => new ConvergeMatchException(details.Text("gateway_id"), problem)),
        "tree.stream" => Worded(message, problem => new StreamValidateException(details.Text("node_id"), problem)),
        "tree.isolated-node" => new IsolateNodeException(details.Text("node_id")),
        "hydration.failed" => new HydrationException(message),
        "expression.budget" => new ExpressionBudgetException(message),
        "expression.failed" => new ExpressionException(details.Text("template"), details.Text("reason")),
        "expression.rule-failed" => new BooleanRuleException(details.Text("expression"), details.Text("python_class"), message),
        "expression.rule-syntax" => RuleSyntax(message, details.Text("expression"), details.Int("position")),
        "component.unknown" or "end-event.unknown" or "lazy-variable.unknown" => new UnknownCodeException(code, message),
        _ => code.Split('.')[0] switch
        {
            "callback" or "resume" or "retry" or "revoke" or "skip" or "verb" => new InvalidOperationVerbException(code, message),
            "store" => new StoreUnavailableException(code, message),
            "export" => new PipelineFileException(code, message),
            "tree" => Worded(message, problem => new PipelineTreeException(code, details.Text("path"), problem)),
            "builder" => Worded(message, problem => new PipelineBuildException(code, details.Text("element_id"), problem)),
            _ => null,
        },
    };

    // Types that put words before the problem: what they say of an empty one is what has to be taken off.
    private static BambooException? Worded(string message, Func<string, BambooException> make)
    {
        string before = make("").Message;
        return message.StartsWith(before, StringComparison.Ordinal) ? make(message[before.Length..]) : null;
    }

    private static TreeInvalidException? Cycle(string message, IReadOnlyList<string> cycle)
    {
        if (cycle.Count == 0)
        {
            return null;
        }

        string after = new TreeInvalidException(cycle, "").Message;
        return message.EndsWith(after, StringComparison.Ordinal) ? new TreeInvalidException(cycle, message[..^after.Length]) : null;
    }

    private static BooleanRuleParseException? RuleSyntax(string message, string expression, int position)
    {
        string after = new BooleanRuleParseException(expression, position, "").Message;
        return message.EndsWith(after, StringComparison.Ordinal)
            ? new BooleanRuleParseException(expression, position, message[..^after.Length])
            : null;
    }
}
