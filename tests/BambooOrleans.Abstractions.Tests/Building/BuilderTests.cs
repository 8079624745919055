using BambooOrleans.Building;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Abstractions.Tests.Building;

public class BuilderTests
{
    [Fact]
    public void Twenty_nodes_take_twenty_lines()
    {
        var start = new EmptyStartEvent();
        var fetch = new ServiceActivity("fetch") { Inputs = { ["url"] = "https://example.org", ["tries"] = 3 } };
        var check = new ServiceActivity("check") { Inputs = { ["body"] = Var.Splice("${body}") }, ErrorIgnorable = true };
        var inner = new EmptyStartEvent();
        inner.Extend(new ServiceActivity("log") { Inputs = { ["message"] = Var.Splice("${text}") } }).Extend(new EmptyEndEvent());
        start.Extend(fetch).Extend(check)
            .Extend(new ExclusiveGateway()
                .When("${status} == 200", new ServiceActivity("store"))
                .When("${status} == 404", new ServiceActivity("forget"))
                .Otherwise(new ServiceActivity("report").Connect(new ServiceActivity("wait"))))
            .Converge(new ConvergeGateway())
            .Extend(new ParallelGateway().Connect(new ServiceActivity("mail"), new ServiceActivity("chat"), new ServiceActivity("page")))
            .Converge(new ConvergeGateway())
            .Extend(new SubProcess(inner) { Params = { ["${text}"] = Var.Splice("${status}") } })
            .Extend(new EmptyEndEvent());
        var data = new Data
        {
            Inputs = { ["${body}"] = new NodeOutput(fetch, "body"), ["${status}"] = new NodeOutput(fetch, "status"), ["${when}"] = Var.Lazy("now", "clock") },
            Outputs = { "${status}" },
        };

        PipelineTree tree = PipelineBuilder.BuildTree(start, data);

        Assert.Equal(10, tree.Activities.Count);
        Assert.Equal(4, tree.Gateways.Count);
        Assert.Equal([new NodeOutputSource(fetch.Id, "body")], tree.Data.Inputs["${body}"].Sources);
        Assert.Equal("clock", tree.Data.Inputs["${when}"].CustomType);
        Assert.Equal(["${status}"], tree.Data.Outputs);
        var activity = (TreeServiceActivity)tree.Activities[check.Id];
        Assert.True(activity.ErrorIgnorable);
        Assert.Equal(TreeVariableType.Splice, activity.Inputs["body"].Type);
        Assert.Equal(TreeVariableType.Plain, ((TreeServiceActivity)tree.Activities[fetch.Id]).Inputs["tries"].Type);
        TreeGateway exclusive = tree.Gateways.Values.First();
        Assert.Equal(["${status} == 200", "${status} == 404"], exclusive.Conditions.Values);
        Assert.Equal(exclusive.Outgoing[2], exclusive.DefaultFlow);
    }

    [Fact]
    public void A_tree_has_the_members_of_the_reference_in_its_order()
    {
        var start = new EmptyStartEvent("s");
        start.Extend(new ServiceActivity("c", "a", "first")).Extend(new ExecutableEndEvent("Notify", "e"));
        int ids = 0;

        PipelineTree tree = PipelineBuilder.BuildTree(start, newId: prefix => prefix + ++ids);

        const string Expected = """
            {
              "id": "p3",
              "start_event": { "incoming": "", "outgoing": "f1", "type": "EmptyStartEvent", "id": "s", "name": null },
              "end_event": { "incoming": "f2", "outgoing": "", "type": "Notify", "id": "e", "name": null },
              "activities": {
                "a": {
                  "incoming": ["f1"], "outgoing": "f2", "type": "ServiceActivity", "id": "a", "name": "first",
                  "error_ignorable": false, "timeout": null, "skippable": true, "retryable": true,
                  "component": { "code": "c", "inputs": {} }, "optional": false
                }
              },
              "gateways": {},
              "flows": {
                "f1": { "is_default": false, "source": "s", "target": "a", "id": "f1" },
                "f2": { "is_default": false, "source": "a", "target": "e", "id": "f2" }
              },
              "data": { "inputs": {}, "outputs": [] }
            }
            """;
        Assert.Equal(Value.ParseJson(Expected).ToJson(), tree.ToJson());
    }

    [Fact]
    public void Ids_are_made_where_none_are_given()
    {
        var start = new EmptyStartEvent();
        start.Extend(new ServiceActivity("c")).Extend(new EmptyEndEvent());

        PipelineTree tree = PipelineBuilder.BuildTree(start);

        Assert.Matches("^p[0-9a-f]{32}$", tree.Id);
        Assert.All(tree.Nodes, node => Assert.Matches("^e[0-9a-f]{32}$", node.Id));
        Assert.All(tree.Flows.Keys, flow => Assert.Matches("^f[0-9a-f]{32}$", flow));
    }

    [Fact]
    public void One_set_of_ids_gives_one_tree()
    {
        static string Build()
        {
            int ids = 0;
            var start = new EmptyStartEvent();
            var activity = new ServiceActivity("c");
            start.Extend(activity).Extend(new EmptyEndEvent());
            return PipelineBuilder.BuildTree(start, new Data { Inputs = { ["${x}"] = new NodeOutput(activity, "x") } }, newId: prefix => prefix + ++ids).ToJson();
        }

        Assert.Equal(Build(), Build());
    }

    [Fact]
    public void A_long_chain_is_built()
    {
        var start = new EmptyStartEvent();
        Element at = start;
        for (int i = 0; i < 20_000; i++)
        {
            at = at.Extend(new ServiceActivity("c"));
        }

        at.Extend(new EmptyEndEvent());

        Assert.IsType<EmptyEndEvent>(start.Tail());
        Assert.Equal(20_000, PipelineBuilder.BuildTree(start).Activities.Count);
    }

    [Fact]
    public void Branches_that_have_met_converge_once()
    {
        var meeting = new ServiceActivity("c", "m");
        var gateway = new ParallelGateway("g").Connect(new ServiceActivity("c", "a").Connect(meeting), new ServiceActivity("c", "b").Connect(meeting));

        var converge = gateway.Converge(new ConvergeGateway("cg"));

        Assert.Equal([converge], meeting.Outgoing);
        Assert.Empty(converge.Outgoing);
    }

    [Fact]
    public void To_goes_elsewhere_without_a_flow()
    {
        var first = new ServiceActivity("c");
        var second = new ServiceActivity("c");

        Assert.Same(second, first.To(second));
        Assert.Empty(first.Outgoing);
    }

    public static TheoryData<Func<EmptyStartEvent>, string, string> WrongElements => new()
    {
        { () => new EmptyStartEvent("s"), "builder.leads-nowhere", "element \"s\" leads to no other element, and is no end event" },
        { () => Start(new ServiceActivity("c", "a").Connect(new EmptyEndEvent(), new EmptyEndEvent())), "builder.leads-to-many", "element \"a\" leads to 2 elements, but ServiceActivity leads to one" },
        { () => Start(new EmptyEndEvent("e").Connect(new EmptyEndEvent())), "builder.leads-to-many", "element \"e\" leads to 1 elements, but EmptyEndEvent leads to none" },
        { () => Start(new ServiceActivity("c", "s").Connect(new EmptyEndEvent())), "builder.duplicate-id", "element \"s\" has the id of another element" },
        { () => Start(new ParallelGateway("g").Connect(new EmptyEndEvent("e1"), new EmptyEndEvent("e2"))), "builder.two-ends", "element \"e2\" is a second end event" },
        { () => Start(Circle()), "builder.no-end", "element \"s\" leads to no end event" },
        { () => Start(new ExclusiveGateway("g").Connect(new EmptyEndEvent("e"))), "builder.no-condition", "element \"g\" has no condition for branch 0" },
        { () => Start(new ExclusiveGateway("g") { DefaultBranch = 1 }.When("1 == 1", new EmptyEndEvent("e"))), "builder.no-condition", "element \"g\" has no branch 1 to be the default" },
        { () => Start(InItself()), "builder.circle", "element \"sp\" is a sub-process that stands in its own pipeline" },
    };

    [Theory]
    [MemberData(nameof(WrongElements))]
    public void Elements_that_make_no_tree_are_refused(Func<EmptyStartEvent> start, string code, string message)
    {
        var error = Assert.Throws<PipelineBuildException>(() => PipelineBuilder.BuildTree(start()));

        Assert.Equal((code, message), (error.Code, error.Message));
    }

    [Fact]
    public void A_circle_has_no_tail() =>
        Assert.Equal("builder.circle", Assert.Throws<PipelineBuildException>(() => Circle().Tail()).Code);

    [Fact]
    public void An_id_in_two_levels_is_refused()
    {
        EmptyStartEvent start = Start(new SubProcess(Start(new EmptyEndEvent("e")), "sp").Connect(new EmptyEndEvent("e2")));

        var error = Assert.Throws<PipelineTreeException>(() => PipelineBuilder.BuildTree(start));

        Assert.Equal(PipelineTreeErrors.DuplicateId, error.Code);
    }

    private static EmptyStartEvent Start(Element next) => new EmptyStartEvent("s").Connect(next);

    private static ServiceActivity Circle()
    {
        var activity = new ServiceActivity("c", "a");
        activity.Extend(new ServiceActivity("c", "b")).Extend(activity);
        return activity;
    }

    private static SubProcess InItself()
    {
        var start = new EmptyStartEvent("inner");
        var subProcess = new SubProcess(start, "sp");
        start.Extend(subProcess).Extend(new EmptyEndEvent());
        return subProcess;
    }
}
