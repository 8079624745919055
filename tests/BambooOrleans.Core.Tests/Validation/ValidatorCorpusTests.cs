using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

public class ValidatorCorpusTests
{
    [Fact]
    public void Every_fuzzed_graph_is_judged_as_the_reference_judged_it()
    {
        int count = 0;
        foreach (MapValue one in ValidationCorpus.Fuzz)
        {
            var pipeline = (MapValue)one["pipeline"];
            ValidationCorpus.AssertAsRecorded(pipeline, cycleTolerate: false, (MapValue)one["strict"]);
            ValidationCorpus.AssertAsRecorded(pipeline, cycleTolerate: true, (MapValue)one["tolerate"]);
            count++;
        }

        Assert.Equal(600, count);
    }

    [Fact]
    public void Every_recorded_validation_is_repeated()
    {
        int count = 0;
        foreach ((_, MapValue scenario) in ValidationCorpus.Scenarios)
        {
            foreach (MapValue step in ((ListValue)scenario["steps"]).Cast<MapValue>().Where(step => step["do"].Equals("validate")))
            {
                ValidationCorpus.AssertAsRecorded(
                    (MapValue)scenario["pipeline"], step["cycle_tolerate"].IsTruthy, (MapValue)step["expect"]);
                count++;
            }
        }

        Assert.True(count > 90, $"only {count} validations are recorded");
    }

    [Fact]
    public void Every_tree_that_the_reference_ran_is_valid_and_matched_as_it_was()
    {
        foreach ((string name, MapValue scenario) in ValidationCorpus.Scenarios)
        {
            MapValue run = ((ListValue)scenario["steps"]).Cast<MapValue>().First(step => step["do"].Equals("run"));
            if (!((MapValue)run["expect"])["result"].IsTruthy)
            {
                continue;
            }

            var options = (MapValue)scenario["options"];
            bool cycleTolerate = options.TryGetValue("cycle_tolerate", out Value? tolerate) && tolerate.IsTruthy;
            PipelineTree tree = PipelineTreeReader.Read(scenario["pipeline"]);

            ValidationResult found = PipelineValidator.Validate(tree, cycleTolerate);

            MapValue check = ((ListValue)scenario["expect"]).Cast<MapValue>().Single(check => check["check"].Equals("converge_gateways"));
            Assert.True(
                check["value"].Equals(Value.Map(found.ConvergeGateways.Select(pair => (pair.Key, (Value)pair.Value)))),
                $"{name}: other converge gateways than the reference found");
            if (options.TryGetValue("start_node_id", out Value? start))
            {
                PipelineValidator.ValidateStartNode(tree, ((TextValue)start).Value);
            }
        }
    }

    [Fact]
    public void Every_start_node_that_the_reference_refused_is_refused()
    {
        int count = 0;
        foreach ((_, MapValue scenario) in ValidationCorpus.Scenarios)
        {
            MapValue run = ((ListValue)scenario["steps"]).Cast<MapValue>().First(step => step["do"].Equals("run"));
            var expected = (MapValue)run["expect"];
            if (expected.TryGetValue("error", out Value? error) && error.Equals("StartPositionInvalid"))
            {
                string node = ((TextValue)((MapValue)scenario["options"])["start_node_id"]).Value;
                PipelineTree tree = PipelineTreeReader.Read(scenario["pipeline"]);

                var refused = Assert.Throws<StartPositionInvalidException>(() => PipelineValidator.ValidateStartNode(tree, node));

                Assert.Equal(node, refused.NodeId);
                count++;
            }
        }

        Assert.Equal(7, count);
    }
}
