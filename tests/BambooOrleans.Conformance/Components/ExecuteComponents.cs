using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

[Component("debug_no_schedule_node")]
public sealed class DebugNoScheduleNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        CopyInputsToOutputs(context);
        return true;
    }
}

[Component("empty_node")]
public sealed class EmptyNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context) => true;
}

[Component("loop_count_node")]
public sealed class LoopCountNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("loop", context.Input("_loop"));
        CopyInputsToOutputs(context);
        return true;
    }
}

[Component("fail_by_input_node")]
public sealed class FailByInputNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        if (context.Input("fail").IsTruthy)
        {
            context.SetOutput("reason", "asked to fail");
            return false;
        }

        CopyInputsToOutputs(context);
        return true;
    }
}

[Component("fail_until_ok_node")]
public sealed class FailUntilOkNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("partial", context.Input("partial"));
        return context.Input("ok").IsTruthy;
    }
}

[Component("raise_node")]
public sealed class RaiseNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("before_raise", true);
        bool raise = !context.Inputs.TryGetValue("do_raise", out Value? asked) || asked.IsTruthy;
        return raise
            ? throw new CorpusException(context.Inputs.TryGetValue("message", out Value? message) ? PythonText.Str(message) : "boom")
            : true;
    }
}

[Component("set_outputs_node")]
public sealed class SetOutputsNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        if (context.Input("set") is MapValue outputs)
        {
            context.Outputs.SetAll(outputs);
        }

        return !context.Input("fail").IsTruthy;
    }
}

[Component("parent_data_node")]
public sealed class ParentDataNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("parent", context.RootPipelineData);
        return true;
    }
}

[Component("type_node")]
public sealed class TypeNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("types", Value.Map(context.Inputs.Select(input => (input.Key, (Value)PythonText.TypeName(input.Value)))));
        return true;
    }
}

/// <summary>Returns what it is given, so that <c>_result</c> and success can be seen for any value. Nothing counts as true.</summary>
[Component("return_value_node")]
public sealed class ReturnValueNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        Value value = context.Input("value");
        return value.IsNull ? true : new ComponentResult(value);
    }
}

[Component("mutate_inputs_node")]
public sealed class MutateInputsNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.Inputs["mutated"] = true;
        context.Inputs.Remove("remove_me");
        return true;
    }
}

[Component("fail_on_loop_node")]
public sealed class FailOnLoopNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        Value innerLoop = context.Input("_inner_loop");
        context.SetOutput("outputs", Value.Map(("v", context.Input("v")), ("il", innerLoop)));
        return context.Input("fail_loops") is not ListValue failing || !failing.Contains(innerLoop);
    }
}

[Component("versioned_node")]
public sealed class VersionedNode : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("component_version", "legacy");
        return true;
    }
}

[Component("versioned_node", Version = "v2")]
public sealed class VersionedNodeV2 : CorpusComponent
{
    protected override ComponentResult Execute(ComponentContext context)
    {
        context.SetOutput("component_version", "v2");
        return true;
    }
}
